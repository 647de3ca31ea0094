import type { World } from "../account/world.ts";
import { createCompany } from "../account/write-company.ts";
import type { Answer } from "../http.ts";
import { readEntity } from "../validation/validate-entity.ts";
import { runBatch } from "./batch.ts";
import type { Call, Route } from "./call.ts";
import { idParam } from "./call.ts";
import { filterCompanies } from "./list-filters.ts";
import { listAnswer } from "./list-page.ts";
import { rowsOf } from "./list-rows.ts";
import { presentCompany } from "./present.ts";
import { emptyAnswer, halAnswer } from "./problem.ts";
import { branch, withValues } from "./query-tree.ts";

/** Companies as far as a client of contacts and deals meets them: made, listed and read. */
export const companyRoutes: Route[] = [
  { method: "GET", pattern: "/api/v4/companies", handle: listCompanies },
  { method: "POST", pattern: "/api/v4/companies", handle: addCompanies },
  { method: "GET", pattern: "/api/v4/companies/:id", handle: getCompany },
];

function listCompanies(world: World, call: Call): Answer {
  const view = { origin: call.url.origin, with: withValues(call.query) };
  const rows = rowsOf(world, call, { kind: "companies", entities: world.store.companies });
  return listAnswer(world, call, {
    name: "companies",
    rows: filterCompanies(world, branch(call.query, "filter"), rows),
    orderKeys: ["updated_at", "id"],
    present: (company) => presentCompany(world.store, company, view),
  });
}

function getCompany(world: World, call: Call): Answer {
  const company = world.store.companies.get(idParam(call, "id"));
  if (company === undefined || company.is_deleted) return emptyAnswer();
  return halAnswer(
    presentCompany(world.store, company, { origin: call.url.origin, with: withValues(call.query) }),
  );
}

function addCompanies(world: World, call: Call): Answer {
  const href = `${call.url.origin}/api/v4/companies`;
  const fieldsMax = world.settings.writes.fields_max;
  return runBatch(world, call, {
    max: world.settings.writes.batch_max,
    read: (item) => readEntity(world, item, { kind: "companies", fieldsMax }),
    write: (input, requestId) => ({ id: createCompany(world, input, call.userId).id, request_id: requestId }),
    answer: (written) =>
      halAnswer({
        _links: { self: { href } },
        _embedded: {
          companies: written.map((item) => ({ ...item, _links: { self: { href: `${href}/${item.id}` } } })),
        },
      }),
  });
}
