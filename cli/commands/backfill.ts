import { BackfillEstimate, BackfillStarted, StatusAnswer } from "#shared/admin/answer.ts";
import type { Text } from "#shared/platform/text.ts";
import { type BackfillFlags, backfillOrderOf } from "../backfill-order.ts";
import { isWanted, requireConsentToBePossible } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../failure.ts";
import { durationOf } from "../language/duration.ts";
import { told } from "../language/told.ts";
import { verdictText } from "../status/lines.ts";
import { progressBar, type Terminal } from "../terminal.ts";
import { BACKFILL } from "../words/backfill.ts";

const POLL_MS = 2000;

/** `backfill`: estimates, asks, starts, and follows until all is delivered. */
export async function runBackfill(
  flags: BackfillFlags,
  context: Context,
  terminal: Terminal,
): Promise<number> {
  const { askAdmin, output, nowMs, say } = context;
  const order = backfillOrderOf(flags, nowMs);
  if (!flags.dryRun) {
    requireConsentToBePossible(flags, output, terminal, BACKFILL.dryRunInstead);
  }
  const estimate = await askAdmin({ ...order, mode: "estimate" }, BackfillEstimate);
  for (const line of estimateLines(estimate, order.limit, context)) output.line(line);
  if (flags.dryRun || estimate.message_count === 0) {
    output.document({ estimate, enqueued_count: 0 });
    return EXIT.ok;
  }
  if (!(await isWanted(flags, say(BACKFILL.start), terminal))) {
    output.line(say(BACKFILL.nothingEnqueued));
    return EXIT.ok;
  }
  const before = await askAdmin({ action: "status" }, StatusAnswer);
  const { enqueued_count: count } = await askAdmin({ ...order, mode: "start" }, BackfillStarted);
  output.document({ estimate, enqueued_count: count });
  output.line(say(BACKFILL.enqueued, { count }));
  if (before.verdict !== "ok") output.note(`! ${say(BACKFILL.trouble, troubleOf(before))}`);
  if (output.isJson) return EXIT.ok;
  const ending = await followed(context, terminal, count, estimate.minutes);
  return report(ending, progressOf(before).dead, context);
}

function estimateLines(estimate: BackfillEstimate, limit: number, { say }: Context): string[] {
  const { message_count: count, request_count: requests, interval_ms: ms, minutes } = estimate;
  if (count === 0) return [say(BACKFILL.nothing)];
  const text = count === limit ? BACKFILL.toSendMore : BACKFILL.toSend;
  return [say(text, { count, requests, time: durationOf(minutes * 60_000), ms }), say(BACKFILL.liveFirst)];
}

function troubleOf({ verdict, problem }: StatusAnswer): { verdict: Text; problem: Text } {
  return { verdict: verdictText(verdict), problem: told(problem ?? "") };
}

/** How the backfill lane stands; null once the following was interrupted. */
type Ending = { dead: number; stuck: number } | null;

async function followed(
  { askAdmin, say }: Context,
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
    const rest =
      status.verdict === "ok" ? say(BACKFILL.left, { left }) : say(BACKFILL.trouble, troubleOf(status));
    const counts = say(BACKFILL.progress, { done: largest - open, total: largest });
    terminal.showProgress(`${progressBar(largest - open, largest)}  ${counts}  ${rest}`);
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

function report(ending: Ending, deadBefore: number, { output, say }: Context): number {
  if (ending === null) {
    output.line(say(BACKFILL.goesOn));
    return EXIT.ok;
  }
  const dead = ending.dead - deadBefore;
  if (ending.stuck > 0) output.line(say(BACKFILL.stuck, { count: ending.stuck }));
  if (dead <= 0) {
    if (ending.stuck === 0) output.line(`✓ ${say(BACKFILL.delivered)}`);
    return EXIT.ok;
  }
  output.line(`✗ ${say(BACKFILL.dead, { count: dead })}`);
  return EXIT.wrong;
}
