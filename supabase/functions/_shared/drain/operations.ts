import type { ContactDraft, DealDraft } from "../amocrm/drafts.ts";
import type { Contact, Deal, Note, Pipeline, Task } from "../amocrm/entities.ts";
import type { Answer } from "../amocrm/verdict.ts";
import type { Operation, OperationItem } from "./operation.ts";

/** amoCRM lists up to 250 entities by id in one call (amocrm-api.md 2.2). */
const READ_LIMIT = 250;

/** Full-text search; amoCRM has no batch form of it. */
export const searchContacts: Operation<string, Contact[]> = {
  name: "search_contacts",
  rank: 0,
  kind: "read",
  limit: () => 1,
  async send(client, items) {
    const [item] = items;
    if (item === undefined) throw new RangeError("A search needs its query");
    return mapValue(
      await client.searchContacts(item.input),
      (page) => new Map([[item.requestId, page.rows]]),
    );
  },
};

/** A contact by id, with the ids of its deals; null if amoCRM does not have it. */
export const readContact: Operation<number, Contact | null> = {
  name: "read_contacts",
  rank: 1,
  kind: "read",
  limit: () => READ_LIMIT,
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
  limit: () => READ_LIMIT,
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
  { rows: Deal[]; hasMore: boolean }
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
      ({ rows, hasMore }) => new Map(items.map(({ requestId }) => [requestId, { rows, hasMore }])),
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

/** The notes of a deal, latest first. `isWhole` is false if there may be more than came. */
export const listNotes: Operation<{ dealId: number }, { rows: Note[]; isWhole: boolean }> = {
  name: "list_notes",
  rank: 2,
  kind: "read",
  // Ten notes a deal fill a page.
  limit: () => 25,
  async send(client, items) {
    const dealIds = [...new Set(items.map(({ input }) => input.dealId))];
    return mapValue(await client.listNotes("leads", dealIds), ({ rows, hasMore, filterIgnored }) => {
      const isWhole = !hasMore && !filterIgnored;
      const notesOf = (dealId: number) => rows.filter((note) => note.entityId === dealId);
      return new Map(
        items.map(({ requestId, input }) => [requestId, { rows: notesOf(input.dealId), isWhole }]),
      );
    });
  },
};

/** The tasks of a deal, latest first. `isWhole` is false if there may be more than came. */
export const listTasks: Operation<{ dealId: number }, { rows: Task[]; isWhole: boolean }> = {
  name: "list_tasks",
  rank: 2,
  kind: "read",
  limit: () => 25,
  async send(client, items) {
    const dealIds = [...new Set(items.map(({ input }) => input.dealId))];
    return mapValue(await client.listTasks("leads", dealIds), ({ rows, hasMore, filterIgnored }) => {
      const isWhole = !hasMore && !filterIgnored;
      const tasksOf = (dealId: number) => rows.filter((task) => task.entityId === dealId);
      return new Map(
        items.map(({ requestId, input }) => [requestId, { rows: tasksOf(input.dealId), isWhole }]),
      );
    });
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

/** Values added to a contact. Absolute values, so repeating it does no harm. */
export const updateContact: Operation<{ id: number; contact: ContactDraft }, true> = {
  name: "update_contacts",
  rank: 4,
  kind: "set",
  limit: (settings) => settings.patch_batch_size,
  async send(client, items) {
    const changes = items.map(({ requestId, input }) => ({ requestId, ...input }));
    return mapValue(await client.updateContacts(changes), ({ updated }) => itemsWithId(items, updated));
  },
  fact: () => ({ progress: { contactUpdated: true } }),
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

/** A note on a deal. */
export const createNote: Operation<{ dealId: number; text: string }, true> = {
  name: "create_notes",
  rank: 5,
  kind: "create",
  limit: (settings) => settings.patch_batch_size,
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
