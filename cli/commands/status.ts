import type { StatusAnswer } from "#shared/admin/answer.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../failure.ts";
import { sinceOf } from "../language/duration.ts";
import { told } from "../language/told.ts";
import { boundedCount, tableOf } from "../output.ts";
import type { Screen } from "../screen.ts";
import { askStatus } from "../status/ask.ts";
import { besideLines } from "../status/beside.ts";
import { numberLines, verdictLines } from "../status/lines.ts";
import { watchStatus } from "../status/watch.ts";
import type { Terminal } from "../terminal.ts";
import { COLUMNS } from "../words/columns.ts";
import { STATUS } from "../words/status.ts";

/** The flags of `status`, as typed. */
export interface StatusFlags {
  watch?: true;
}

/** `status`: whether leads reach amoCRM, and what waits. */
export async function runStatus(
  flags: StatusFlags,
  context: Context,
  terminal: Terminal,
  screen: Screen,
): Promise<number> {
  if (flags.watch === true) return await watchStatus(context, terminal, screen);
  const { output, nowMs, say } = context;
  const status = await askStatus(context);
  output.document(status);
  const lines = [
    ...verdictLines(status, say),
    ...besideLines(status, nowMs, say),
    "",
    ...numberLines(status, nowMs, say),
  ];
  for (const line of lines) output.line(line);
  printOutbox(status, context);
  return status.verdict === "ok" ? EXIT.ok : EXIT.wrong;
}

function printOutbox({ outbox }: StatusAnswer, { output, nowMs, say }: Context): void {
  output.line();
  if (outbox.length === 0) {
    output.line(say(STATUS.noMessages));
    return;
  }
  const rows = outbox.map((row) => [
    row.kind,
    row.lane,
    row.state,
    say(told(row.reason ?? "")),
    boundedCount(row.message_count, row.is_more),
    row.oldest_at === null ? "" : say(sinceOf(row.oldest_at, nowMs)),
  ]);
  const { kind, lane, state, reason, count, oldest } = COLUMNS;
  const head = [kind, lane, state, reason, count, oldest].map((column) => say(column));
  for (const line of tableOf(head, rows)) output.line(line);
}
