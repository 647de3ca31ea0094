import type { z } from "zod";
import { PAGE_SIZE_MAX } from "../rules/limits.ts";
import {
  AccountRow,
  ContactRow,
  CustomFieldRow,
  DealRow,
  NoteRow,
  PipelineRow,
  pageOf,
  rowWithId,
  TaskRow,
  UserRow,
} from "./answers.ts";
import { call } from "./call.ts";
import type { AmocrmReads } from "./client-port.ts";
import type { ChangeOrder, FilteredPage, Page } from "./entities.ts";
import * as requests from "./read-requests.ts";
import type { AmocrmRequest, Transport } from "./transport.ts";
import type { Answer } from "./verdict.ts";

/** The reading half of the client. */
export function createReads(transport: Transport): AmocrmReads {
  const list = <T>(request: AmocrmRequest, key: string, row: z.ZodType<T>): Promise<Answer<Page<T>>> =>
    call(transport, request, {
      schema: (dropped) => pageOf(key, row, dropped),
      empty: { rows: [], hasMore: false },
    });
  const one = <T>(id: number, request: AmocrmRequest, row: z.ZodType<T>): Promise<Answer<T | null>> =>
    call<T | null>(transport, request, { schema: () => rowWithId(id, row), empty: null });

  return {
    account: () => call(transport, requests.accountRequest(), { schema: () => AccountRow }),
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
    readContact: (id) => one(id, requests.contactRequest(id), ContactRow),
    async readDeals(ids) {
      const answer = await list(requests.dealsRequest(ids), "leads", DealRow);
      return asked(
        answer,
        among(ids, ({ id }) => id),
      );
    },
    readDeal: (id) => one(id, requests.dealRequest(id), DealRow),
    async dealsCreatedSince(fromUnixSeconds, page) {
      const answer = await list(requests.dealsCreatedSinceRequest(fromUnixSeconds, page), "leads", DealRow);
      return newest(answer, fromUnixSeconds, ({ createdAt }) => createdAt);
    },
    async contactsChangedSince(fromUnixSeconds, page, order = "latest", limit = PAGE_SIZE_MAX) {
      const answer = await list(
        requests.contactsChangedSinceRequest(fromUnixSeconds, page, order, limit),
        "contacts",
        ContactRow,
      );
      return changed(answer, fromUnixSeconds, order);
    },
    async dealsChangedSince(fromUnixSeconds, page, order = "latest", limit = PAGE_SIZE_MAX) {
      const answer = await list(
        requests.dealsChangedSinceRequest(fromUnixSeconds, page, order, limit),
        "leads",
        DealRow,
      );
      return changed(answer, fromUnixSeconds, order);
    },
    contactsPage: (page, limit = PAGE_SIZE_MAX) =>
      list(requests.allRequest("contacts", page, limit), "contacts", ContactRow),
    dealsPage: (page, limit = PAGE_SIZE_MAX) =>
      list(requests.allRequest("leads", page, limit), "leads", DealRow),
    async contactsDeletedSince(fromUnixSeconds, page, limit = PAGE_SIZE_MAX) {
      const request = requests.deletedSinceRequest("contacts", fromUnixSeconds, page, limit);
      return deleted(await list(request, "contacts", ContactRow), fromUnixSeconds);
    },
    async dealsDeletedSince(fromUnixSeconds, page, limit = PAGE_SIZE_MAX) {
      const request = requests.deletedSinceRequest("leads", fromUnixSeconds, page, limit);
      return deleted(await list(request, "leads", DealRow), fromUnixSeconds);
    },
    async listNotes(collection, entityIds, page = 1) {
      const answer = await list(requests.notesRequest(collection, entityIds, page), "notes", NoteRow);
      return asked(
        answer,
        among(entityIds, ({ entityId }) => entityId),
      );
    },
    async listNotesOf(collection, entityId, page) {
      const answer = await list(requests.notesOfRequest(collection, entityId, page), "notes", NoteRow);
      return asked(
        answer,
        among([entityId], (note) => note.entityId),
      );
    },
    async listTasks(collection, entityIds, page = 1) {
      const answer = await list(requests.tasksRequest(collection, entityIds, page), "tasks", TaskRow);
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
  return mapValue(answer, ({ rows, hasMore, gapAfter }) => {
    // One whose time cannot be read was asked for as much as the others, and says nothing of their order.
    const matching = rows.filter((row) => timeOf(row) === 0 || timeOf(row) >= fromUnixSeconds);
    const filterIgnored = matching.length < rows.length;
    const times = rows.map(timeOf).filter((time) => time !== 0);
    const isNewestFirst = times.every((time, index) => time <= (times[index - 1] ?? time));
    const isOld = (row: T) => timeOf(row) !== 0 && timeOf(row) < fromUnixSeconds;
    const page = { rows: matching, hasMore: hasMore && !(filterIgnored && isNewestFirst), filterIgnored };
    if (gapAfter === undefined) return page;
    return { ...page, hasOldGapsOnly: isNewestFirst && rows.slice(0, gapAfter).some(isOld) };
  });
}

function changed<T extends { updatedAt: number }>(
  answer: Answer<Page<T>>,
  fromUnixSeconds: number,
  order: ChangeOrder,
): Answer<FilteredPage<T>> {
  return order === "latest"
    ? newest(answer, fromUnixSeconds, ({ updatedAt }) => updatedAt)
    : asked(answer, ({ updatedAt }) => updatedAt >= fromUnixSeconds);
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
