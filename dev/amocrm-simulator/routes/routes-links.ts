import type { Company, Contact, Deal } from "../account/models.ts";
import type { World } from "../account/world.ts";
import { linkCompany, linkContact, unlinkContact } from "../account/write-links.ts";
import type { Answer } from "../http.ts";
import type { ItemReader } from "../validation/item-reader.ts";
import { runBatch } from "./batch.ts";
import type { Call, Route } from "./call.ts";
import { idParam } from "./call.ts";
import { emptyAnswer, halAnswer, problemText } from "./problem.ts";
import { branch, integers } from "./query-tree.ts";

/** Links between a deal and its contacts and company, for one deal and for many. */
export const linkRoutes: Route[] = [
  { method: "POST", pattern: "/api/v4/leads/link", handle: addLinks },
  { method: "POST", pattern: "/api/v4/leads/unlink", handle: removeLinks },
  { method: "GET", pattern: "/api/v4/leads/links", handle: listLinks },
  { method: "POST", pattern: "/api/v4/leads/:id/link", handle: addLinks },
  { method: "POST", pattern: "/api/v4/leads/:id/unlink", handle: removeLinks },
  { method: "GET", pattern: "/api/v4/leads/:id/links", handle: listLinks },
];

interface LinkInput {
  deal: Deal | undefined;
  contact: Contact | undefined;
  company: Company | undefined;
  isMain: boolean | undefined;
}

function readLink(world: World, item: ItemReader, pathId: number | undefined): LinkInput {
  const { store } = world;
  const isDeal = (id: number) => store.living("leads", id) !== undefined;
  if (pathId === undefined && !item.has("entity_id")) item.fail("FieldMissing", "entity_id");
  const deal = store.deals.get(pathId ?? item.choice("entity_id", isDeal) ?? 0);
  const type = item.text("to_entity_type");
  if (type !== "contacts" && type !== "companies") {
    item.fail(item.has("to_entity_type") ? "NotSupportedChoice" : "FieldMissing", "to_entity_type");
    return { deal, contact: undefined, company: undefined, isMain: undefined };
  }
  if (!item.has("to_entity_id")) item.fail("FieldMissing", "to_entity_id");
  const id = item.choice("to_entity_id", (candidate) => store.living(type, candidate) !== undefined) ?? 0;
  const metadata = item.object("metadata");
  metadata?.choice("updated_by", (userId) => store.isActiveUser(userId));
  return {
    deal,
    contact: type === "contacts" ? store.contacts.get(id) : undefined,
    company: type === "companies" ? store.companies.get(id) : undefined,
    isMain: metadata?.boolean("is_main"),
  };
}

function pathDealId(world: World, call: Call): number | undefined | Answer {
  if (call.params["id"] === undefined) return undefined;
  const id = idParam(call, "id");
  return world.store.living("leads", id) === undefined ? problemText(world.settings, 404, "notFound") : id;
}

function addLinks(world: World, call: Call): Answer {
  const pathId = pathDealId(world, call);
  if (typeof pathId === "object") return pathId;
  return runBatch(world, call, {
    max: world.settings.writes.batch_max,
    read: (item) => readLink(world, item, pathId),
    write: ({ deal, contact, company, isMain }) => {
      if (deal === undefined) throw new Error("A link without a deal got past validation.");
      if (contact !== undefined) {
        linkContact(world, deal, {
          contact,
          userId: call.userId,
          ...(isMain === undefined ? {} : { isMain }),
        });
      }
      if (company !== undefined) linkCompany(deal, company);
      return presentLinks(deal).find(({ to_entity_id }) => to_entity_id === (contact ?? company)?.id);
    },
    answer: (written) => halAnswer({ _total_items: written.length, _embedded: { links: written } }),
  });
}

function removeLinks(world: World, call: Call): Answer {
  const pathId = pathDealId(world, call);
  if (typeof pathId === "object") return pathId;
  return runBatch(world, call, {
    max: world.settings.writes.batch_max,
    read: (item) => readLink(world, item, pathId),
    write: ({ deal, contact, company }) => {
      if (deal === undefined) throw new Error("A link without a deal got past validation.");
      if (contact !== undefined) unlinkContact(world, deal, { contact, userId: call.userId });
      if (company !== undefined && deal.company_id === company.id) deal.company_id = null;
    },
    answer: () => emptyAnswer(),
  });
}

function listLinks(world: World, call: Call): Answer {
  const pathId = pathDealId(world, call);
  if (typeof pathId === "object") return pathId;
  const ids = pathId === undefined ? integers(branch(call.query, "filter"), "entity_id") : [pathId];
  const links = ids.flatMap((id) => {
    const deal = world.store.deals.get(id);
    return deal === undefined || deal.is_deleted ? [] : presentLinks(deal);
  });
  return halAnswer({ _total_items: links.length, _embedded: { links } });
}

/** Written as `is_main`, read as `main_contact` (amocrm-api 3.9). */
function presentLinks(deal: Deal) {
  const contacts = deal.contacts.map((link) => ({
    entity_id: deal.id,
    entity_type: "leads",
    to_entity_id: link.id,
    to_entity_type: "contacts",
    metadata: { main_contact: link.is_main },
  }));
  const company = {
    entity_id: deal.id,
    entity_type: "leads",
    to_entity_id: deal.company_id ?? 0,
    to_entity_type: "companies",
    metadata: null,
  };
  return deal.company_id === null ? contacts : [...contacts, company];
}
