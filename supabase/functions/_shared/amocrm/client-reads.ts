import type { z } from "zod";
import {
  AccountRow,
  ContactRow,
  CustomFieldRow,
  DealRow,
  NoteRow,
  PipelineRow,
  pageOf,
  UserRow,
} from "./answers.ts";
import { call } from "./call.ts";
import type { AmocrmReads } from "./client-port.ts";
import type { FilteredPage, Page } from "./entities.ts";
import { PAGE_SIZE_MAX, SINGLE_TIMEOUT_MS } from "./limits.ts";
import type { AmocrmRequest, Transport } from "./transport.ts";
import type { Answer } from "./verdict.ts";

type Query = [name: string, value: string][];

const FULL_PAGE: Query = [["limit", String(PAGE_SIZE_MAX)]];

/** The reading half of the client. */
export function createReads(transport: Transport): AmocrmReads {
  const list = <T>(request: AmocrmRequest, key: string, row: z.ZodType<T>): Promise<Answer<Page<T>>> =>
    call(transport, request, { schema: pageOf(key, row), empty: { rows: [], hasMore: false } });
  const one = <T>(request: AmocrmRequest, schema: z.ZodType<T>): Promise<Answer<T | null>> =>
    call<T | null>(transport, request, { schema, empty: null });

  return {
    account: () => call(transport, get("account", "/api/v4/account", []), { schema: AccountRow }),
    pipelines: async () =>
      mapValue(
        await list(get("pipelines", "/api/v4/leads/pipelines", []), "pipelines", PipelineRow),
        ({ rows }) => rows,
      ),
    customFields: (collection, page) =>
      list(
        get("custom_fields", `/api/v4/${collection}/custom_fields`, [...FULL_PAGE, pageNumber(page)]),
        "custom_fields",
        CustomFieldRow,
      ),
    users: (page) => list(get("users", "/api/v4/users", [...FULL_PAGE, pageNumber(page)]), "users", UserRow),
    searchContacts: (query) =>
      list(
        get("search_contacts", "/api/v4/contacts", [["query", query], ...FULL_PAGE, ["with", "leads"]]),
        "contacts",
        ContactRow,
      ),
    readContacts: async (ids) =>
      asked(
        await list(
          get(
            "read_contacts",
            "/api/v4/contacts",
            [...idFilter("id", ids), ...FULL_PAGE, ["with", "leads"]],
            ids.length,
          ),
          "contacts",
          ContactRow,
        ),
        among(ids, ({ id }) => id),
      ),
    readContact: (id) => one(get("read_contact", `/api/v4/contacts/${id}`, [["with", "leads"]]), ContactRow),
    readDeals: async (ids) =>
      asked(
        await list(
          get(
            "read_deals",
            "/api/v4/leads",
            [...idFilter("id", ids), ...FULL_PAGE, ["with", "contacts"]],
            ids.length,
          ),
          "leads",
          DealRow,
        ),
        among(ids, ({ id }) => id),
      ),
    readDeal: (id) => one(get("read_deal", `/api/v4/leads/${id}`, [["with", "contacts"]]), DealRow),
    dealsCreatedSince: async (fromUnixSeconds, page) =>
      asked(
        await list(
          get("deals_created_since", "/api/v4/leads", [
            ["filter[created_at][from]", String(fromUnixSeconds)],
            ["order[created_at]", "asc"],
            ...FULL_PAGE,
            pageNumber(page),
            ["with", "contacts"],
          ]),
          "leads",
          DealRow,
        ),
        ({ createdAt }) => createdAt >= fromUnixSeconds,
      ),
    listNotes: async (collection, entityIds, page = 1) =>
      asked(
        await list(
          get(
            "list_notes",
            `/api/v4/${collection}/notes`,
            [
              ...idFilter("entity_id", entityIds),
              ["filter[note_type]", "common"],
              ["order[updated_at]", "desc"],
              ...FULL_PAGE,
              pageNumber(page),
            ],
            entityIds.length,
          ),
          "notes",
          NoteRow,
        ),
        among(entityIds, ({ entityId }) => entityId),
      ),
  };
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

function pageNumber(page: number): [string, string] {
  return ["page", String(page)];
}

/** Throws a RangeError for no ids (the filter would fall away and the whole base come) and for more than a page. */
function idFilter(name: string, ids: readonly number[]): Query {
  if (ids.length === 0 || ids.length > PAGE_SIZE_MAX) {
    throw new RangeError(`Cannot filter by ${ids.length} ids, expected 1 to ${PAGE_SIZE_MAX}`);
  }
  return ids.map((id) => [`filter[${name}][]`, String(id)]);
}

function among<T>(ids: readonly number[], idOf: (row: T) => number): (row: T) => boolean {
  const wanted = new Set(ids);
  return (row) => wanted.has(idOf(row));
}

/** Keeps the rows that were asked for: amoCRM silently ignores filters it does not grant (amocrm-api.md 3.6). */
function asked<T>(answer: Answer<Page<T>>, isAskedFor: (row: T) => boolean): Answer<FilteredPage<T>> {
  return mapValue(answer, ({ rows, hasMore }) => {
    const matching = rows.filter(isAskedFor);
    return { rows: matching, hasMore, filterIgnored: matching.length < rows.length };
  });
}

function mapValue<T, U>(answer: Answer<T>, map: (value: T) => U): Answer<U> {
  return answer.verdict === "delivered" ? { ...answer, value: map(answer.value) } : answer;
}
