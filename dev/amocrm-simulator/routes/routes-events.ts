import type { World } from "../account/world.ts";
import type { Answer } from "../http.ts";
import type { Call, Route } from "./call.ts";
import { listAnswer } from "./list-page.ts";
import { branch, integers, scalars } from "./query-tree.ts";

const EVENTS_LIMIT_MAX = 100;

/** The account's history, newest first. */
export const eventRoutes: Route[] = [{ method: "GET", pattern: "/api/v4/events", handle: listEvents }];

function listEvents(world: World, call: Call): Answer {
  const filter = branch(call.query, "filter");
  const types = scalars(filter, "type").flatMap((type) => type.split(","));
  const entityTypes = scalars(filter, "entity");
  const entityIds = integers(filter, "entity_id");
  const authors = integers(filter, "created_by");
  const created = branch(filter, "created_at");
  const from = integers(created, "from")[0] ?? integers(filter, "created_at")[0] ?? 0;
  const to = integers(created, "to")[0] ?? Number.POSITIVE_INFINITY;
  const rows = world.store.events.filter(
    (event) =>
      (types.length === 0 || types.includes(event.type)) &&
      (entityTypes.length === 0 || entityTypes.includes(event.entity_type)) &&
      (entityIds.length === 0 || entityIds.includes(event.entity_id)) &&
      (authors.length === 0 || authors.includes(event.created_by)) &&
      event.created_at >= from &&
      event.created_at <= to,
  );
  const accountId = world.store.seed.account.id;
  return listAnswer(world, call, {
    name: "events",
    rows: rows.reverse(),
    orderKeys: [],
    limitMax: EVENTS_LIMIT_MAX,
    present: (event) => ({ ...event, account_id: accountId }),
  });
}
