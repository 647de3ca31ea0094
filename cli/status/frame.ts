import type { StatusAnswer } from "../../supabase/functions/_shared/admin/answer.ts";
import { boundedCount, tableOf } from "../output.ts";
import { barOf, groupsOf, LEGEND, PARTS } from "./bars.ts";
import { besideLines } from "./beside.ts";
import { numberLines, verdictLines } from "./lines.ts";

/** The whole of what `status --watch` shows at one moment. */
export function frameOf(status: StatusAnswer, head: string, nowMs: number): string[] {
  const groups = groupsOf(status.outbox);
  const rows = groups.map((group) => [
    group.kind,
    group.lane,
    barOf(group),
    ...PARTS.map(([part]) => boundedCount(group[part], group.more.has(part))),
  ]);
  const table = tableOf(["kind", "lane", "", ...PARTS.map(([part]) => part)], rows);
  return [
    head,
    "",
    ...verdictLines(status),
    ...besideLines(status, nowMs),
    "",
    ...(groups.length === 0 ? ["No messages in the last hour."] : [...table, LEGEND]),
    "",
    ...numberLines(status, nowMs),
  ];
}
