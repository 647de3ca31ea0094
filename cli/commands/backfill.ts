import {
  BackfillEstimate,
  BackfillStarted,
  StatusAnswer,
} from "../../supabase/functions/_shared/admin/answer.ts";
import type { AskAdmin } from "../admin-client.ts";
import { type BackfillFlags, backfillOrderOf } from "../backfill-order.ts";
import { isWanted, requireConsentToBePossible } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../failure.ts";
import { durationOf } from "../output.ts";
import { progressBar, type Terminal } from "../terminal.ts";

export const BACKFILL_HELP = `
Sends history: rows that never reached amoCRM and have no message yet, oldest first, behind live leads. What was delivered
once is never sent again, however often this runs. Dead and cancelled messages are not history: see requeue.

Shows what it would cost, asks, enqueues, and follows the delivery. Ctrl-C ends the following only; the backfill goes on.
With --json nothing is asked (give --yes or --dry-run) and nothing is followed: ask for status.

Exit code: 0 if all was delivered, is on its way or there was nothing to do, or the question was answered with no; 1 if
messages ended as dead; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- backfill --dry-run
  npm run amocrm -- backfill --since 2026-01-01 --limit 5000
  npm run amocrm -- backfill --table tripwire_users --yes
  npx amocrm backfill --yes --json`;

const POLL_MS = 2000;

/** `backfill`: estimates, asks, starts, and follows until all is delivered. */
export async function runBackfill(
  flags: BackfillFlags,
  { askAdmin, output, nowMs }: Context,
  terminal: Terminal,
): Promise<number> {
  const order = backfillOrderOf(flags, nowMs);
  if (!flags.dryRun) {
    requireConsentToBePossible(flags, output, terminal, ", or --dry-run for the estimate only");
  }
  const estimate = await askAdmin({ ...order, mode: "estimate" }, BackfillEstimate);
  for (const line of estimateLines(estimate, order.limit)) output.line(line);
  if (flags.dryRun || estimate.message_count === 0) {
    output.document({ estimate, enqueued_count: 0 });
    return EXIT.ok;
  }
  if (!(await isWanted(flags, "Start it?", terminal))) {
    output.line("Nothing was enqueued.");
    return EXIT.ok;
  }
  const before = await askAdmin({ action: "status" }, StatusAnswer);
  const { enqueued_count: count } = await askAdmin({ ...order, mode: "start" }, BackfillStarted);
  output.document({ estimate, enqueued_count: count });
  output.line(`${count} enqueued, behind live leads.`);
  if (before.verdict !== "ok") output.note(`! ${before.verdict}: ${before.problem ?? ""}`);
  if (output.isJson) return EXIT.ok;
  const ending = await followed(askAdmin, terminal, count, estimate.minutes);
  return report(ending, progressOf(before).dead, output);
}

function estimateLines(estimate: BackfillEstimate, limit: number): string[] {
  const { message_count: count, request_count: requests, interval_ms: intervalMs, minutes } = estimate;
  if (count === 0) return ["Nothing to send: every row in question has reached amoCRM or has a message."];
  const rest = count === limit ? " (the limit; there may be more)" : "";
  return [
    `${count} to send${rest}: about ${requests} requests, ${durationOf(minutes * 60_000)} at one request in ${intervalMs} ms.`,
    "Live leads go first, so it takes longer while they come in.",
  ];
}

/** How the backfill lane stands; null once the following was interrupted. */
type Ending = { dead: number; stuck: number } | null;

async function followed(
  askAdmin: AskAdmin,
  terminal: Terminal,
  total: number,
  minutes: number,
): Promise<Ending> {
  const interruption = terminal.interruption();
  let largest = total;
  while (!interruption.aborted) {
    const status = await askAdmin({ action: "status" }, StatusAnswer);
    const { open, dead, stuck } = progressOf(status);
    if (open === 0) {
      terminal.showProgress("");
      return { dead, stuck };
    }
    // An earlier backfill may still be at work: then this is the progress of both.
    largest = Math.max(largest, open);
    const left = durationOf((open / total) * minutes * 60_000);
    const trouble =
      status.verdict === "ok" ? `about ${left} left` : `${status.verdict}: ${status.problem ?? ""}`;
    terminal.showProgress(`${progressBar(largest - open, largest)}  ${trouble}`);
    await terminal.wait(POLL_MS, interruption);
  }
  terminal.showProgress("");
  return null;
}

/** What of the lane is still to come, is dead, or waits for a version that can send it. */
function progressOf({ outbox, health }: StatusAnswer): { open: number; dead: number; stuck: number } {
  const lane = outbox.filter((row) => row.lane === "backfill");
  const sum = (rows: typeof lane): number => rows.reduce((count, row) => count + row.message_count, 0);
  const unfinished = lane.filter(({ state }) => ["pending", "leased", "uncertain"].includes(state));
  const coming = unfinished.filter(({ reason }) => reason !== "no_handler");
  // Counts by reason stop at a bound; the whole one of health has the few live messages in it, which do no harm.
  const isBounded = coming.some(({ is_more }) => is_more);
  return {
    open: isBounded ? Math.max(sum(coming), health.waiting_count + health.uncertain_count) : sum(coming),
    dead: sum(lane.filter(({ state }) => state === "dead")),
    stuck: sum(unfinished.filter(({ reason }) => reason === "no_handler")),
  };
}

function report(ending: Ending, deadBefore: number, output: Context["output"]): number {
  if (ending === null) {
    output.line("The backfill goes on without this command: npm run amocrm -- status");
    return EXIT.ok;
  }
  const dead = ending.dead - deadBefore;
  if (ending.stuck > 0) output.line(`${ending.stuck} wait: this version cannot send their kind yet.`);
  if (dead <= 0) {
    if (ending.stuck === 0) output.line("✓ All delivered.");
    return EXIT.ok;
  }
  output.line(`✗ ${dead} are dead; the others are delivered. See npm run amocrm -- dead`);
  return EXIT.wrong;
}
