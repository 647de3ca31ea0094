import { isBlank } from "../account/blank.ts";
import type { Deal } from "../account/models.ts";
import type { World } from "../account/world.ts";
import { createDeal, updateDeal } from "../account/write-deal.ts";
import { linkCompany, linkContact } from "../account/write-links.ts";
import type { Answer } from "../http.ts";
import type { ItemReader } from "../validation/item-reader.ts";
import type { DealInput } from "../validation/validate-deal.ts";
import { readDeal } from "../validation/validate-deal.ts";
import type { DealLinks } from "../validation/validate-deal-links.ts";
import { readDealLinks } from "../validation/validate-deal-links.ts";
import { runBatch } from "./batch.ts";
import type { Call, Route } from "./call.ts";
import { idParam } from "./call.ts";
import { filterDeals } from "./list-filters.ts";
import { listAnswer } from "./list-page.ts";
import { rowsOf } from "./list-rows.ts";
import { patchTargetCheck, pathItem, readTarget } from "./patch-target.ts";
import { presentDeal } from "./present.ts";
import { emptyAnswer, halAnswer } from "./problem.ts";
import { branch, withValues } from "./query-tree.ts";

export const leadRoutes: Route[] = [
  { method: "GET", pattern: "/api/v4/leads", handle: listDeals },
  { method: "POST", pattern: "/api/v4/leads", handle: addDeals },
  { method: "PATCH", pattern: "/api/v4/leads", handle: patchDeals },
  { method: "GET", pattern: "/api/v4/leads/:id", handle: getDeal },
  { method: "PATCH", pattern: "/api/v4/leads/:id", handle: patchDeal },
];

function listDeals(world: World, call: Call): Answer {
  const view = { origin: call.url.origin, with: withValues(call.query) };
  const rows = rowsOf(world, call, { kind: "leads", entities: world.store.deals });
  return listAnswer(world, call, {
    name: "leads",
    rows: filterDeals(world, branch(call.query, "filter"), rows),
    orderKeys: ["created_at", "updated_at", "id"],
    present: (deal) => presentDeal(world.store, deal, view),
  });
}

function getDeal(world: World, call: Call): Answer {
  const view = { origin: call.url.origin, with: withValues(call.query) };
  const deal = world.store.deals.get(idParam(call, "id"));
  const isHidden =
    deal?.is_deleted === true &&
    world.settings.lists.deleted_by_id === "empty" &&
    !view.with.has("only_deleted");
  if (deal === undefined || isHidden || isBlank(world, "leads", deal.id)) return emptyAnswer();
  return halAnswer(presentDeal(world.store, deal, view));
}

function addDeals(world: World, call: Call): Answer {
  const { origin } = call.url;
  const fieldsMax = world.settings.writes.fields_max;
  return runBatch(world, call, {
    max: world.settings.writes.batch_max,
    read: (item) => ({
      input: readDeal(world, item, { current: undefined, fieldsMax }),
      links: readDealLinks(world, item),
    }),
    write: ({ input, links }, requestId) => ({
      id: addDeal(world, { input, links, userId: call.userId }).id,
      request_id: requestId,
    }),
    answer: (written) =>
      halAnswer({
        _links: { self: { href: `${origin}/api/v4/leads` } },
        _embedded: { leads: written.map((item) => ({ ...item, _links: dealLink(origin, item.id) })) },
      }),
  });
}

function addDeal(world: World, options: { input: DealInput; links: DealLinks; userId: number }): Deal {
  const { userId, links } = options;
  const deal = createDeal(world, options.input, { userId });
  for (const { contact, isMain } of links.contacts) {
    linkContact(world, deal, { contact, userId, isNew: true, ...(isMain === undefined ? {} : { isMain }) });
  }
  if (links.company !== undefined) linkCompany(deal, links.company);
  return deal;
}

interface Change {
  deal: Deal | undefined;
  input: DealInput;
}

function readChange(world: World, item: ItemReader): Change {
  const deal = readTarget(world, item, world.store.deals);
  const fieldsMax = world.settings.writes.fields_max;
  return { deal, input: readDeal(world, item, { current: deal, fieldsMax }) };
}

function writeChange(world: World, call: Call, change: Change): Record<string, unknown> {
  const { deal, input } = change;
  if (deal === undefined) throw new Error("A change without a deal got past validation.");
  updateDeal(world, deal, { input, userId: call.userId });
  return { id: deal.id, updated_at: deal.updated_at, _links: dealLink(call.url.origin, deal.id) };
}

function patchDeals(world: World, call: Call): Answer {
  return runBatch(world, call, {
    max: world.settings.writes.batch_max,
    precheck: patchTargetCheck(world, world.store.deals),
    read: (item) => readChange(world, item),
    write: (change) => writeChange(world, call, change),
    answer: (written) =>
      halAnswer({
        _links: { self: { href: `${call.url.origin}/api/v4/leads` } },
        _embedded: { leads: written },
      }),
  });
}

function patchDeal(world: World, call: Call): Answer {
  return runBatch(world, pathItem(call), {
    max: 1,
    precheck: patchTargetCheck(world, world.store.deals),
    read: (item) => readChange(world, item),
    write: (change) => writeChange(world, call, change),
    answer: ([written]) => halAnswer(written),
  });
}

function dealLink(origin: string, id: number): { self: { href: string } } {
  return { self: { href: `${origin}/api/v4/leads/${id}` } };
}
