import type { StatusAnswer } from "#shared/admin/answer.ts";
import type { Say } from "#shared/platform/text.ts";
import { boundedCount, tableOf } from "../output.ts";
import { COLUMNS } from "../words/columns.ts";
import { STATUS } from "../words/status.ts";
import { barOf, groupsOf, PARTS } from "./bars.ts";
import { besideLines } from "./beside.ts";
import { numberLines, verdictLines } from "./lines.ts";

/** The whole of what `status --watch` shows at one moment. */
export function frameOf(status: StatusAnswer, title: string, nowMs: number, say: Say): string[] {
  const groups = groupsOf(status.outbox);
  const rows = groups.map((group) => [
    group.kind,
    group.lane,
    barOf(group),
    ...PARTS.map(([part]) => boundedCount(group[part], group.more.has(part))),
  ]);
  const head = [COLUMNS.kind, COLUMNS.lane, COLUMNS.none, ...PARTS.map(([part]) => COLUMNS[part])];
  const table = tableOf(
    head.map((column) => say(column)),
    rows,
  );
  return [
    title,
    "",
    ...verdictLines(status, say),
    ...besideLines(status, nowMs, say),
    "",
    ...(groups.length === 0 ? [say(STATUS.noneLastHour)] : [...table, say(STATUS.legend)]),
    "",
    ...numberLines(status, nowMs, say),
  ];
}
