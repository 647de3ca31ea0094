import { StatusAnswer } from "../../supabase/functions/_shared/admin/answer.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../failure.ts";
import { durationOf, type Output, tableOf } from "../output.ts";

export const STATUS_HELP = `
Exit code: 0 if the verdict is ok, 1 if anything else is to be said (paused, unconfigured, blocked, dead messages …)
or the project cannot be asked, 2 for wrong usage.

Examples:
  npm run amocrm -- status
  npm run --silent amocrm -- status --json | jq .verdict
  npm run amocrm -- status --local`;

/** `status`: whether leads reach amoCRM, and what waits. */
export async function runStatus(_flags: object, { askAdmin, output, nowMs }: Context): Promise<number> {
  const status = await askAdmin({ action: "status" }, StatusAnswer);
  output.document(status);
  printVerdict(status, output);
  printNumbers(status, output, nowMs);
  printMirror(status, output, nowMs);
  printConnection(status, output, nowMs);
  printOutbox(status, output, nowMs);
  return status.verdict === "ok" ? EXIT.ok : EXIT.wrong;
}

function printVerdict({ verdict, problem, remedy }: StatusAnswer, output: Output): void {
  output.line(`${verdict === "ok" ? "✓" : "✗"} ${verdict}`);
  if (problem !== null) output.line(`  Problem  ${problem}`);
  if (remedy !== null) output.line(`  Remedy   ${remedy}`);
  output.line();
}

function printNumbers(status: StatusAnswer, output: Output, nowMs: number): void {
  const { health } = status;
  output.line(
    `Waiting ${health.waiting_count}, uncertain ${health.uncertain_count}, dead ${status.dead_letter_count}, duplicates ${status.duplicate_count}`,
  );
  if (health.oldest_waiting_at !== null) {
    output.line(`The oldest waits for ${sinceOf(health.oldest_waiting_at, nowMs)}`);
  }
  if (health.last_delivered_at !== null) {
    output.line(`Last delivered ${sinceOf(health.last_delivered_at, nowMs)} ago`);
  }
  const { interval_in_force_ms: inForceMs, min_interval_ms: setMs } = health;
  if (inForceMs !== null && setMs !== null) {
    const slower = inForceMs > setMs ? `, slowed down from ${setMs} ms after ${health.slow_reason}` : "";
    output.line(`Pace: one request in ${inForceMs} ms${slower}`);
  }
}

function printMirror({ health }: StatusAnswer, output: Output, nowMs: number): void {
  const { mirror_complete: isComplete, last_pull_at: at } = health;
  const age = at === null ? "never read through" : `last read ${sinceOf(at, nowMs)} ago`;
  output.line(`Mirror: ${isComplete === true ? "complete" : "not complete yet"}, ${age}`);
}

/** When a long-lived token or a refresh token ends; the access token in between is renewed each day. */
function printConnection({ health }: StatusAnswer, output: Output, nowMs: number): void {
  if (health.token_state === null) return;
  const endsAt = health.refresh_expires_at ?? health.token_expires_at;
  const rest = endsAt === null ? "" : `, lasts for ${durationOf(Date.parse(endsAt) - nowMs)}`;
  output.line(`Connection: ${health.token_state}${rest}`);
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
    row.message_count,
    row.oldest_at === null ? "" : sinceOf(row.oldest_at, nowMs),
  ]);
  for (const line of tableOf(["kind", "lane", "state", "reason", "count", "oldest"], rows)) output.line(line);
}

function sinceOf(at: string, nowMs: number): string {
  return durationOf(nowMs - Date.parse(at));
}
