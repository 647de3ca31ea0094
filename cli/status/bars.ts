import type { OutboxRow } from "#shared/admin/answer.ts";

/** The messages of one kind and lane, by what an operator asks: have they arrived, are they coming, is something wrong? */
export interface Group {
  kind: string;
  lane: string;
  delivered: number;
  waiting: number;
  uncertain: number;
  dead: number;
  /** Of these there are more than was counted. */
  more: Set<Part>;
}

/** What the characters of a bar stand for, in their order. */
export const PARTS = [
  ["delivered", "#"],
  ["waiting", "-"],
  ["uncertain", "?"],
  ["dead", "x"],
] as const;

type Part = (typeof PARTS)[number][0];

const BAR_WIDTH = 30;

/** Groups the rows of amocrm_outbox_status, lanes of a kind side by side. */
export function groupsOf(rows: readonly OutboxRow[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { kind, lane, state, message_count: count, is_more: isMore } of rows) {
    const key = `${kind} ${lane}`;
    const group = groups.get(key) ?? {
      kind,
      lane,
      delivered: 0,
      waiting: 0,
      uncertain: 0,
      dead: 0,
      more: new Set(),
    };
    const part = state === "delivered" || state === "uncertain" || state === "dead" ? state : "waiting";
    group[part] += count;
    if (isMore) group.more.add(part);
    groups.set(key, group);
  }
  return [...groups.values()].toSorted(
    (a, b) => a.kind.localeCompare(b.kind) || b.lane.localeCompare(a.lane),
  );
}

/** `[######--?x]`: the shares of a group. What there is at all takes at least one character. */
export function barOf(group: Group): string {
  const counts = PARTS.map(([part]) => group[part]);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const widths = counts.map((count) =>
    count === 0 ? 0 : Math.max(1, Math.round((count / total) * BAR_WIDTH)),
  );
  // What rounding has added is taken from the longest part, which shows it least.
  const surplus = widths.reduce((sum, width) => sum + width, 0) - (total === 0 ? 0 : BAR_WIDTH);
  const longest = widths.indexOf(Math.max(...widths));
  widths[longest] = (widths[longest] ?? 0) - surplus;
  const bar = PARTS.map(([, character], index) => character.repeat(widths[index] ?? 0)).join("");
  return `[${bar.padEnd(BAR_WIDTH)}]`;
}
