import type { EntityKind } from "../account/models.ts";
import type { World } from "../account/world.ts";
import type { Answer } from "../http.ts";
import { runBatch } from "./batch.ts";
import type { Call, Route } from "./call.ts";
import { listAnswer } from "./list-page.ts";
import { halAnswer } from "./problem.ts";
import { branch, scalar, scalars } from "./query-tree.ts";

/** Each kind of entity has a dictionary of its own: the same name has different ids (amocrm-api 3.9). */
export const tagRoutes: Route[] = (["contacts", "leads", "companies"] as const).flatMap((kind): Route[] => [
  { method: "GET", pattern: `/api/v4/${kind}/tags`, handle: (world, call) => listTags(world, call, kind) },
  { method: "POST", pattern: `/api/v4/${kind}/tags`, handle: (world, call) => addTags(world, call, kind) },
]);

function listTags(world: World, call: Call, kind: EntityKind): Answer {
  const names = scalars(branch(call.query, "filter"), "name");
  const query = scalar(call.query, "query")?.toLowerCase() ?? "";
  const rows = [...world.store.tags[kind].values()].filter(
    (tag) => (names.length === 0 || names.includes(tag.name)) && tag.name.toLowerCase().includes(query),
  );
  return listAnswer(world, call, { name: "tags", rows, orderKeys: [], present: (tag) => tag });
}

function addTags(world: World, call: Call, kind: EntityKind): Answer {
  return runBatch(world, call, {
    max: world.settings.writes.batch_max,
    read: (item) => {
      if (!item.has("name")) item.fail("FieldMissing", "name");
      return item.text("name", world.settings.writes.text_max_chars) ?? "";
    },
    write: (name, requestId) => ({ ...world.store.tagByName(kind, name), request_id: requestId }),
    answer: (written) => halAnswer({ _total_items: written.length, _embedded: { tags: written } }),
  });
}
