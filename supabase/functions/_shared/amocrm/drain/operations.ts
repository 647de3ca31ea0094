import type { ContactDraft, DealDraft } from "../api/drafts.ts";
import type { Contact, Deal, Pipeline } from "../api/entities.ts";
import type { Answer } from "../api/verdict.ts";
import type { Message } from "../message.ts";
import { FILTER_IDS_MAX } from "../rules/limits.ts";
import type { Operation, OperationItem } from "./operation.ts";

/** Messages that one list is enough for. */
const READ_LIMIT = 250;

/** Full-text search; amoCRM has no batch form of it, so only who asks for the same shares one. */
export const searchContacts: Operation<string, Contact[]> = {
  name: "search_contacts",
  rank: 0,
  kind: "read",
  groupKey: (query) => query,
  isOneForAll: true,
  limit: () => READ_LIMIT,
  async send(client, items) {
    const [item] = items;
    if (item === undefined) throw new RangeError("A search needs its query");
    return mapValue(
      await client.searchContacts(item.input),
      (page) => new Map(items.map(({ requestId }) => [requestId, page.rows])),
    );
  },
};

/** A contact by id, with the ids of its deals; null if amoCRM does not have it. */
export const readContact: Operation<number, Contact | null> = {
  name: "read_contacts",
  rank: 1,
  kind: "read",
  limit: () => FILTER_IDS_MAX,
  async send(client, items) {
    if (items.length === 1 && items[0] !== undefined) {
      const { requestId, input } = items[0];
      return mapValue(await client.readContact(input), (contact) => new Map([[requestId, contact]]));
    }
    const ids = [...new Set(items.map((item) => item.input))];
    return mapValue(await client.readContacts(ids), (page) =>
      foundById(items, page.rows, page.filterIgnored),
    );
  },
};

/** A deal by id, as it is now; null if amoCRM does not have it. */
export const readDeal: Operation<number, Deal | null> = {
  name: "read_deals",
  rank: 2,
  kind: "read",
  limit: () => FILTER_IDS_MAX,
  async send(client, items) {
    if (items.length === 1 && items[0] !== undefined) {
      const { requestId, input } = items[0];
      return mapValue(await client.readDeal(input), (deal) => new Map([[requestId, deal]]));
    }
    const ids = [...new Set(items.map((item) => item.input))];
    return mapValue(await client.readDeals(ids), (page) => foundById(items, page.rows, page.filterIgnored));
  },
};

/** Deals created since a second, one page; for looking up what became of creates. Many messages share one list. */
export const listDealsSince: Operation<
  { fromSeconds: number; page: number },
  { rows: Deal[]; hasMore: boolean; hasOldGapsOnly?: boolean }
> = {
  name: "list_deals_since",
  rank: 2,
  kind: "read",
  groupKey: ({ page }) => String(page),
  limit: () => READ_LIMIT,
  async send(client, items) {
    const page = items[0]?.input.page ?? 1;
    const fromSeconds = Math.min(...items.map(({ input }) => input.fromSeconds));
    const answer = await client.dealsCreatedSince(fromSeconds, page);
    return mapValue(
      answer,
      ({ rows, hasMore, hasOldGapsOnly = false }) =>
        new Map(items.map(({ requestId }) => [requestId, { rows, hasMore, hasOldGapsOnly }])),
    );
  },
};

/** The account's pipelines with their stages; asked for by many messages, sent once. */
export const readPipelines: Operation<null, Pipeline[]> = {
  name: "read_pipelines",
  rank: 0,
  kind: "read",
  limit: () => READ_LIMIT,
  async send(client, items) {
    return mapValue(
      await client.pipelines(),
      (pipelines) => new Map(items.map((item) => [item.requestId, pipelines])),
    );
  },
};

/** A new deal together with its new contact. */
export const createDealWithContact: Operation<
  { deal: DealDraft; contact: ContactDraft },
  { dealId: number; contactId: number | null }
> = {
  name: "create_deal_with_contact",
  rank: 3,
  kind: "create",
  limit: (settings) => settings.batch_size,
  async send(client, items) {
    const drafts = items.map(({ requestId, input }) => ({ requestId, ...input }));
    return mapValue(await client.createDealsWithContacts(drafts), (value) => value.created);
  },
  fact: (_input, { dealId, contactId }) => ({
    dealId,
    contactId,
    makesContact: true,
    progress: { deal: "created" },
  }),
};

/** A new deal of a contact that exists. */
export const createDeal: Operation<{ deal: DealDraft; contactId: number }, { dealId: number }> = {
  name: "create_deal",
  rank: 3,
  kind: "create",
  limit: (settings) => settings.batch_size,
  async send(client, items) {
    const drafts = items.map(({ requestId, input }) => ({
      requestId,
      deal: input.deal,
      contactIds: [input.contactId],
    }));
    return mapValue(await client.createDeals(drafts), (value) => value.created);
  },
  fact: ({ contactId }, { dealId }) => ({ dealId, contactId, progress: { deal: "created" } }),
};

/** What is written of a contact that exists: which of the message's keys it gets, and which former ones go. */
export interface ContactChange {
  id: number;
  contact: ContactDraft;
  puts: readonly ("email" | "phone")[];
  takesOff: Message["takesOff"];
}

/** Values added to a contact and taken off it. Absolute values, so repeating it does no harm. */
export const updateContact: Operation<ContactChange, true> = {
  name: "update_contacts",
  rank: 4,
  kind: "set",
  limit: (settings) => settings.patch_batch_size,
  async send(client, items) {
    const changes = items.map(({ requestId, input: { id, contact } }) => ({ requestId, id, contact }));
    return mapValue(await client.updateContacts(changes), ({ updated }) => itemsWithId(items, updated));
  },
  fact: ({ id, puts, takesOff }) => ({
    contactId: id,
    puts,
    takesOff,
    progress: { contactUpdated: true, added: [...puts] },
  }),
};

/** A deal moved to a stage, which is always the pair: 142 and 143 are in every pipeline. */
export const moveDeals: Operation<{ id: number; pipelineId: number; statusId: number }, true> = {
  name: "move_deals",
  rank: 4,
  kind: "set",
  limit: (settings) => settings.patch_batch_size,
  async send(client, items) {
    const changes = items.map(({ requestId, input: { id, ...deal } }) => ({ requestId, id, deal }));
    return mapValue(await client.updateDeals(changes), ({ updated }) => itemsWithId(items, updated));
  },
  fact: () => ({ progress: { moved: true } }),
};

/** Values and tags of a deal, as somebody told them. Absolute, so repeating it does no harm. */
export const changeDeals: Operation<{ id: number; deal: DealDraft }, true> = {
  name: "change_deals",
  rank: 4,
  kind: "set",
  limit: (settings) => settings.patch_batch_size,
  async send(client, items) {
    const changes = items.map(({ requestId, input }) => ({ requestId, ...input }));
    return mapValue(await client.updateDeals(changes), ({ updated }) => itemsWithId(items, updated));
  },
  fact: () => ({ progress: { written: true } }),
};

/** The same for a contact. */
export const changeContacts: Operation<{ id: number; contact: ContactDraft }, true> = {
  name: "change_contacts",
  rank: 4,
  kind: "set",
  limit: (settings) => settings.patch_batch_size,
  async send(client, items) {
    const changes = items.map(({ requestId, input }) => ({ requestId, ...input }));
    return mapValue(await client.updateContacts(changes), ({ updated }) => itemsWithId(items, updated));
  },
  fact: () => ({ progress: { written: true } }),
};

/** A note on a deal. */
export const createNote: Operation<{ dealId: number; text: string }, true> = {
  name: "create_notes",
  rank: 5,
  kind: "create",
  limit: (settings) => settings.note_batch_size,
  async send(client, items) {
    const notes = items.map(({ requestId, input }) => ({
      requestId,
      entityId: input.dealId,
      text: input.text,
    }));
    return mapValue(await client.createNotes("leads", notes), (value) => allTrue(value.created.keys()));
  },
  fact: () => ({ progress: { note: true } }),
};

/** A task for the responsible user. */
export const createTask: Operation<
  { dealId: number; text: string; completeTill: number; responsibleUserId: number | null },
  true
> = {
  name: "create_tasks",
  rank: 6,
  kind: "create",
  limit: (settings) => settings.patch_batch_size,
  async send(client, items) {
    const tasks = items.map(({ requestId, input: { dealId, ...task } }) => ({
      requestId,
      entityType: "leads" as const,
      entityId: dealId,
      ...task,
    }));
    return mapValue(await client.createTasks(tasks), (value) => allTrue(value.created.keys()));
  },
  fact: () => ({ progress: { task: true } }),
};

/** Where the filter was ignored, a row that did not come may exist all the same: then nothing is said about it. */
function foundById<Row extends { id: number }>(
  items: readonly OperationItem<number>[],
  rows: readonly Row[],
  filterIgnored: boolean,
): Map<string, Row | null> {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return new Map(
    items
      .filter((item) => byId.has(item.input) || !filterIgnored)
      .map((item) => [item.requestId, byId.get(item.input) ?? null]),
  );
}

function itemsWithId(
  items: readonly OperationItem<{ id: number }>[],
  ids: { has(id: number): boolean },
): Map<string, true> {
  return allTrue(items.filter(({ input }) => ids.has(input.id)).map(({ requestId }) => requestId));
}

function allTrue(requestIds: Iterable<string>): Map<string, true> {
  return new Map([...requestIds].map((requestId) => [requestId, true]));
}

function mapValue<T, U>(answer: Answer<T>, map: (value: T) => U): Answer<U> {
  return answer.verdict === "delivered" ? { ...answer, value: map(answer.value) } : answer;
}
