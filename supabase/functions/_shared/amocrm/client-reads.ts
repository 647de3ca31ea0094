import type { z } from "zod";
import {
  AccountRow,
  ContactRow,
  CustomFieldRow,
  DealRow,
  NoteRow,
  PipelineRow,
  pageOf,
  TaskRow,
  UserRow,
} from "./answers.ts";
import { call } from "./call.ts";
import type { AmocrmReads } from "./client-port.ts";
import type { FilteredPage, Page } from "./entities.ts";
import * as requests from "./read-requests.ts";
import type { AmocrmRequest, Transport } from "./transport.ts";
import type { Answer } from "./verdict.ts";

/** The reading half of the client. */
export function createReads(transport: Transport): AmocrmReads {
  const list = <T>(request: AmocrmRequest, key: string, row: z.ZodType<T>): Promise<Answer<Page<T>>> =>
    call(transport, request, { schema: pageOf(key, row), empty: { rows: [], hasMore: false } });
  const one = <T>(request: AmocrmRequest, schema: z.ZodType<T>): Promise<Answer<T | null>> =>
    call<T | null>(transport, request, { schema, empty: null });

  return {
    account: () => call(transport, requests.accountRequest(), { schema: AccountRow }),
    async pipelines() {
      const answer = await list(requests.pipelinesRequest(), "pipelines", PipelineRow);
      return mapValue(answer, ({ rows }) => rows);
    },
    customFields: (collection, page) =>
      list(requests.customFieldsRequest(collection, page), "custom_fields", CustomFieldRow),
    users: (page) => list(requests.usersRequest(page), "users", UserRow),
    searchContacts: (query) => list(requests.searchContactsRequest(query), "contacts", ContactRow),
    async readContacts(ids) {
      const answer = await list(requests.contactsRequest(ids), "contacts", ContactRow);
      return asked(
        answer,
        among(ids, ({ id }) => id),
      );
    },
    readContact: (id) => one(requests.contactRequest(id), ContactRow),
    async readDeals(ids) {
      const answer = await list(requests.dealsRequest(ids), "leads", DealRow);
      return asked(
        answer,
        among(ids, ({ id }) => id),
      );
    },
    readDeal: (id) => one(requests.dealRequest(id), DealRow),
    async dealsCreatedSince(fromUnixSeconds, page) {
      const answer = await list(requests.dealsCreatedSinceRequest(fromUnixSeconds, page), "leads", DealRow);
      return newest(answer, fromUnixSeconds, ({ createdAt }) => createdAt);
    },
    async contactsChangedSince(fromUnixSeconds, page) {
      const answer = await list(
        requests.contactsChangedSinceRequest(fromUnixSeconds, page),
        "contacts",
        ContactRow,
      );
      return newest(answer, fromUnixSeconds, ({ updatedAt }) => updatedAt);
    },
    async dealsChangedSince(fromUnixSeconds, page) {
      const answer = await list(requests.dealsChangedSinceRequest(fromUnixSeconds, page), "leads", DealRow);
      return newest(answer, fromUnixSeconds, ({ updatedAt }) => updatedAt);
    },
    contactsPage: (page) => list(requests.allRequest("contacts", page), "contacts", ContactRow),
    dealsPage: (page) => list(requests.allRequest("leads", page), "leads", DealRow),
    async contactsDeletedSince(fromUnixSeconds, page) {
      const request = requests.deletedSinceRequest("contacts", fromUnixSeconds, page);
      return deleted(await list(request, "contacts", ContactRow), fromUnixSeconds);
    },
    async dealsDeletedSince(fromUnixSeconds, page) {
      const request = requests.deletedSinceRequest("leads", fromUnixSeconds, page);
      return deleted(await list(request, "leads", DealRow), fromUnixSeconds);
    },
    async listNotes(collection, entityIds, page = 1) {
      const answer = await list(requests.notesRequest(collection, entityIds, page), "notes", NoteRow);
      return asked(
        answer,
        among(entityIds, ({ entityId }) => entityId),
      );
    },
    async listTasks(collection, entityIds) {
      const answer = await list(requests.tasksRequest(collection, entityIds), "tasks", TaskRow);
      return asked(
        answer,
        among(entityIds, ({ entityId }) => entityId ?? 0),
      );
    },
  };
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

/** The rows of a list by age that are young enough; after an older one none can come, if the order was kept. */
function newest<T>(
  answer: Answer<Page<T>>,
  fromUnixSeconds: number,
  timeOf: (row: T) => number,
): Answer<FilteredPage<T>> {
  return mapValue(answer, ({ rows, hasMore }) => {
    const matching = rows.filter((row) => timeOf(row) >= fromUnixSeconds);
    const filterIgnored = matching.length < rows.length;
    const isNewestFirst = rows.every((row, index) => timeOf(row) <= timeOf(rows[index - 1] ?? row));
    return { rows: matching, hasMore: hasMore && !(filterIgnored && isNewestFirst), filterIgnored };
  });
}

/** The deleted rows of a list by age; living ones among them mean that the account gives no list of deleted ones. */
function deleted<T extends { updatedAt: number; isDeleted: boolean }>(
  answer: Answer<Page<T>>,
  fromUnixSeconds: number,
): Answer<FilteredPage<T>> {
  const young = newest(answer, fromUnixSeconds, ({ updatedAt }) => updatedAt);
  return mapValue(young, ({ rows, hasMore, filterIgnored }) => {
    const matching = rows.filter(({ isDeleted }) => isDeleted);
    const isOther = matching.length < rows.length;
    return { rows: matching, hasMore: hasMore && !isOther, filterIgnored: filterIgnored || isOther };
  });
}

function mapValue<T, U>(answer: Answer<T>, map: (value: T) => U): Answer<U> {
  return answer.verdict === "delivered" ? { ...answer, value: map(answer.value) } : answer;
}
