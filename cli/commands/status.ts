import type { StatusAnswer } from "../../supabase/functions/_shared/admin/answer.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../failure.ts";
import { boundedCount, type Output, tableOf } from "../output.ts";
import type { Screen } from "../screen.ts";
import { askStatus } from "../status/ask.ts";
import { besideLines } from "../status/beside.ts";
import { numberLines, sinceOf, verdictLines } from "../status/lines.ts";
import { watchStatus } from "../status/watch.ts";
import type { Terminal } from "../terminal.ts";

export const STATUS_HELP = `
With --watch it stays and shows the same each 2 s in place, with a bar for each kind and lane: what was delivered in the last
hour, what waits, what was sent without an answer, what is dead. Ctrl-C ends it. That needs a terminal.

Beside the verdict it tells open alerts with severity, age and remedy, leads in quarantine, and whether mails go out.

Exit code: 0 if the verdict is ok, whatever stands beside it, 1 if anything else is to be said (paused, unconfigured, blocked, dead messages …), 2 for
wrong usage, 3 if the project cannot be asked. With --watch 0 at the end.

Examples:
  npm run amocrm -- status
  npm run amocrm -- status --watch
  npx amocrm status --json | jq .verdict
  npm run amocrm -- status --local`;

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
  const { output, nowMs } = context;
  const status = await askStatus(context);
  output.document(status);
  const lines = [...verdictLines(status), ...besideLines(status, nowMs), "", ...numberLines(status, nowMs)];
  for (const line of lines) output.line(line);
  printOutbox(status, output, nowMs);
  return status.verdict === "ok" ? EXIT.ok : EXIT.wrong;
}

function printOutbox({ outbox }: StatusAnswer, output: Output, nowMs: number): void {
  output.line();
  if (outbox.length === 0) {
    output.line("No messages: nothing waits, and nothing was delivered in the last hour.");
    return;
  }
  const rows = outbox.map((row) => [
    row.kind,
    row.lane,
    row.state,
    row.reason ?? "",
    boundedCount(row.message_count, row.is_more),
    row.oldest_at === null ? "" : sinceOf(row.oldest_at, nowMs),
  ]);
  for (const line of tableOf(["kind", "lane", "state", "reason", "count", "oldest"], rows)) output.line(line);
}
