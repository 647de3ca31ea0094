import type { FilteredPage, Note, Task } from "../api/entities.ts";
import type { Answer } from "../api/verdict.ts";
import type { Operation, OperationItem } from "./operation.ts";

/** Ten rows a deal fill a page. */
const DEALS_A_PAGE = 25;

/** A page of what a deal has; null for the first look, which deals share so that it costs them one request. */
export interface LookInput {
  dealId: number;
  page: number | null;
}

/** What came for the deal, and which page of its own tells more; null if there can be none. */
export interface Looked<Row> {
  rows: Row[];
  nextPage: number | null;
}

/** Notes of a deal, latest first. */
export const listNotes: Operation<LookInput, Looked<Note>> = {
  name: "list_notes",
  rank: 2,
  kind: "read",
  groupKey: keyOf,
  limit: () => DEALS_A_PAGE,
  async send(client, items) {
    const { dealIds, page } = wantedBy(items);
    // Its own address needs no filter, so that nothing is left out even where amoCRM grants none.
    const answer = await (page === null
      ? client.listNotes("leads", dealIds)
      : client.listNotesOf("leads", dealIds[0] ?? 0, page));
    return lookedAt(items, answer, (note) => note.entityId);
  },
};

/** Tasks of a deal, latest first. */
export const listTasks: Operation<LookInput, Looked<Task>> = {
  name: "list_tasks",
  rank: 2,
  kind: "read",
  groupKey: keyOf,
  limit: () => DEALS_A_PAGE,
  async send(client, items) {
    const { dealIds, page } = wantedBy(items);
    return lookedAt(items, await client.listTasks("leads", dealIds, page ?? 1), (task) => task.entityId);
  },
};

/** Pages of one deal's own list: those of a list shared with others would be counted from other rows. */
function keyOf({ dealId, page }: LookInput): string {
  return page === null ? "shared" : `${dealId}.${page}`;
}

function wantedBy(items: readonly OperationItem<LookInput>[]): { dealIds: number[]; page: number | null } {
  return {
    dealIds: [...new Set(items.map(({ input }) => input.dealId))],
    page: items[0]?.input.page ?? null,
  };
}

function lookedAt<Row>(
  items: readonly OperationItem<LookInput>[],
  answer: Answer<FilteredPage<Row>>,
  dealIdOf: (row: Row) => number | null,
): Answer<Map<string, Looked<Row>>> {
  if (answer.verdict !== "delivered") return answer;
  const { rows, hasMore, filterIgnored } = answer.value;
  const isShared = (items[0]?.input.page ?? null) === null;
  const next = isShared ? 1 : (items[0]?.input.page ?? 0) + 1;
  const nextPage = hasMore || (isShared && filterIgnored) ? next : null;
  const value = new Map(
    items.map(({ requestId, input }) => [
      requestId,
      { rows: rows.filter((row) => dealIdOf(row) === input.dealId), nextPage },
    ]),
  );
  return { ...answer, value };
}
