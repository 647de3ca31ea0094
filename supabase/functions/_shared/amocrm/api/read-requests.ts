import {
  FILTER_IDS_MAX,
  FILTER_MAX_BYTES,
  PAGE_SIZE_MAX,
  SHORT_FILTER_IDS_MAX,
  SINGLE_TIMEOUT_MS,
} from "../rules/limits.ts";
import type { ChangeOrder, Collection } from "./entities.ts";
import type { AmocrmRequest } from "./transport.ts";

type Query = readonly (readonly [name: string, value: string])[];

const ORDERS = { latest: ["order[updated_at]", "desc"], id: ["order[id]", "asc"] } as const;

const pageOf = (limit: number): Query => [["limit", String(limit)]];
const FULL_PAGE = pageOf(PAGE_SIZE_MAX);
const WITH_DEALS: Query = [["with", "leads"]];
const WITH_CONTACTS: Query = [["with", "contacts"]];

/** The account that the token belongs to. */
export function accountRequest(): AmocrmRequest {
  return get("account", "/api/v4/account", []);
}

/** All pipelines with their stages; they come in one page. */
export function pipelinesRequest(): AmocrmRequest {
  return get("pipelines", "/api/v4/leads/pipelines", []);
}

/** One page of the custom fields of contacts or deals. */
export function customFieldsRequest(collection: Collection, page: number): AmocrmRequest {
  return get("custom_fields", `/api/v4/${collection}/custom_fields`, [...FULL_PAGE, ...pageNumber(page)]);
}

/** One page of the users. */
export function usersRequest(page: number): AmocrmRequest {
  return get("users", "/api/v4/users", [...FULL_PAGE, ...pageNumber(page)]);
}

/** A full-text search for contacts, by the bare value (amocrm-api.md 6). */
export function searchContactsRequest(query: string): AmocrmRequest {
  return get("search_contacts", "/api/v4/contacts", [["query", query], ...FULL_PAGE, ...WITH_DEALS]);
}

/** Contacts by id. Throws a RangeError when there are none or more than fit into an address. */
export function contactsRequest(ids: readonly number[]): AmocrmRequest {
  const query = [...idFilter("id", ids), ...FULL_PAGE, ...WITH_DEALS];
  return get("read_contacts", "/api/v4/contacts", query, ids.length);
}

/** One contact. */
export function contactRequest(id: number): AmocrmRequest {
  return get("read_contact", `/api/v4/contacts/${id}`, WITH_DEALS);
}

/** Deals by id. Throws a RangeError when there are none or more than fit into an address. */
export function dealsRequest(ids: readonly number[]): AmocrmRequest {
  const query = [...idFilter("id", ids), ...FULL_PAGE, ...WITH_CONTACTS];
  return get("read_deals", "/api/v4/leads", query, ids.length);
}

/** One deal. */
export function dealRequest(id: number): AmocrmRequest {
  return get("read_deal", `/api/v4/leads/${id}`, WITH_CONTACTS);
}

/** Deals from a second on: newest first, so that they come on the first pages even where the filter is ignored. */
export function dealsCreatedSinceRequest(fromUnixSeconds: number, page: number): AmocrmRequest {
  return get("deals_created_since", "/api/v4/leads", [
    ["filter[created_at][from]", String(fromUnixSeconds)],
    ["order[created_at]", "desc"],
    ...FULL_PAGE,
    ...pageNumber(page),
    ...WITH_CONTACTS,
  ]);
}

/**
 * Contacts changed from a second on. Latest change first they come on the first pages even where the filter is ignored;
 * but what changed in one second may come in another order for each page, so that more than a page is read by id.
 */
export function contactsChangedSinceRequest(
  fromUnixSeconds: number,
  page: number,
  order: ChangeOrder,
  limit: number,
): AmocrmRequest {
  return get("contacts_changed_since", "/api/v4/contacts", [
    ["filter[updated_at][from]", String(fromUnixSeconds)],
    ORDERS[order],
    ...pageOf(limit),
    ...pageNumber(page),
    ...WITH_DEALS,
  ]);
}

/** The same for deals. */
export function dealsChangedSinceRequest(
  fromUnixSeconds: number,
  page: number,
  order: ChangeOrder,
  limit: number,
): AmocrmRequest {
  return get("deals_changed_since", "/api/v4/leads", [
    ["filter[updated_at][from]", String(fromUnixSeconds)],
    ORDERS[order],
    ...pageOf(limit),
    ...pageNumber(page),
    ...WITH_CONTACTS,
  ]);
}

/** One page of all contacts or deals, oldest id first, so that new ones come at the end. */
export function allRequest(collection: Collection, page: number, limit: number): AmocrmRequest {
  return get(`all_${collection}`, `/api/v4/${collection}`, [
    ["order[id]", "asc"],
    ...pageOf(limit),
    ...pageNumber(page),
    ...(collection === "contacts" ? WITH_DEALS : WITH_CONTACTS),
  ]);
}

/** Contacts or deals deleted from a second on, latest first. The word in `with` works as a filter (amocrm-api.md 3.4). */
export function deletedSinceRequest(
  collection: Collection,
  fromUnixSeconds: number,
  page: number,
  limit: number,
): AmocrmRequest {
  return get(`deleted_${collection}_since`, `/api/v4/${collection}`, [
    ["with", "only_deleted"],
    ["filter[updated_at][from]", String(fromUnixSeconds)],
    ["order[updated_at]", "desc"],
    ...pageOf(limit),
    ...pageNumber(page),
  ]);
}

/** Plain notes of entities, the latest changed first. Throws a RangeError like `dealsRequest`. */
export function notesRequest(
  collection: Collection,
  entityIds: readonly number[],
  page: number,
): AmocrmRequest {
  const query: Query = [
    ...idFilter("entity_id", entityIds),
    ["filter[note_type]", "common"],
    ["order[updated_at]", "desc"],
    ...FULL_PAGE,
    ...pageNumber(page),
  ];
  return get("list_notes", `/api/v4/${collection}/notes`, query, entityIds.length);
}

/** Plain notes of one entity, the latest changed first: no filter by entity is needed, so none can be ignored. */
export function notesOfRequest(collection: Collection, entityId: number, page: number): AmocrmRequest {
  return get("list_notes", `/api/v4/${collection}/${entityId}/notes`, [
    ["filter[note_type]", "common"],
    ["order[updated_at]", "desc"],
    ...FULL_PAGE,
    ...pageNumber(page),
  ]);
}

/** Tasks of entities, the latest made first. Throws a RangeError like `dealsRequest`. */
export function tasksRequest(
  collection: Collection,
  entityIds: readonly number[],
  page: number,
): AmocrmRequest {
  const query: Query = [
    ["filter[entity_type]", collection],
    ...idFilter("entity_id", entityIds),
    ["order[created_at]", "desc"],
    ...FULL_PAGE,
    ...pageNumber(page),
  ];
  return get("list_tasks", "/api/v4/tasks", query, entityIds.length);
}

function get(purpose: string, path: string, query: Query, itemCount = 1): AmocrmRequest {
  return {
    method: "GET",
    methodClass: "read",
    path,
    query,
    body: null,
    requestIds: [],
    itemCount,
    timeoutMs: SINGLE_TIMEOUT_MS,
    purpose,
  };
}

function pageNumber(page: number): Query {
  return [["page", String(page)]];
}

/** Without ids the filter would fall away and the whole base come. */
function idFilter(name: string, ids: readonly number[]): Query {
  if (ids.length === 0 || ids.length > fittingIds(ids, name)) {
    throw new RangeError(`Cannot filter by ${ids.length} ids, expected 1 to ${FILTER_IDS_MAX}`);
  }
  return ids.map((id) => [`filter[${name}][]`, String(id)] as const);
}

/** How many of these ids, from the first on, one address takes. */
export function fittingIds(ids: readonly number[], name = "id"): number {
  let byteCount = 0;
  let count = 0;
  for (const id of ids.slice(0, SHORT_FILTER_IDS_MAX)) {
    byteCount += `&filter[${name}][]=${id}`.length;
    if (byteCount > FILTER_MAX_BYTES) break;
    count += 1;
  }
  return Math.max(count, Math.min(ids.length, FILTER_IDS_MAX));
}
