import { PullProgress } from "../../supabase/functions/_shared/admin/answer.ts";
import { sinceOf } from "../backfill-order.ts";
import type { Context } from "../context.ts";
import { EXIT, Failure } from "../failure.ts";
import { durationOf, tableOf } from "../output.ts";
import type { Terminal } from "../terminal.ts";

export const PULL_HELP = `
Reads contacts and deals that changed in amoCRM into the mirror, and follows it. The first time all contacts are read, then
the deals they name and those changed in the last 7 days. It goes on by itself, behind live leads: Ctrl-C ends the following
only, and a run that was killed or failed goes on where it stopped.

--since reads deals changed from then on, also when the mirror is complete: for fields or deals that were not mirrored.

A run that would delete more than a fifth of the mirror stops with mass_deletion and deletes nothing, because that is more
often a user who lost rights than the truth. If it is the truth: --accept-deletions.

Exit code: 0 if all is read or the following was interrupted; 1 if a run failed or nothing can be at work; 2 for wrong
usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- pull
  npm run amocrm -- pull --since 2026-01-01
  npx amocrm pull --json | jq .entities`;

/** The flags of `pull`, as typed. */
export interface PullFlags {
  since?: string;
  acceptDeletions?: true;
}

const POLL_MS = 2000;
/** Cron calls each minute; with nothing at work for longer, the functions cannot be reached or leads keep it waiting. */
const IDLE_MAX_MS = 150_000;

type Entity = PullProgress["entities"][number];

/** `pull`: makes a pull due, and follows it until all is read. */
export async function runPull(flags: PullFlags, context: Context, terminal: Terminal): Promise<number> {
  const { askAdmin, output } = context;
  const since = sinceOf(flags.since, context.nowMs);
  const before = await askAdmin(
    { action: "pull", mode: "start", since, accept_deletions: flags.acceptDeletions === true },
    PullProgress,
  );
  const progress = await followed(before, context, terminal);
  output.document(progress);
  for (const line of summary(progress)) output.line(line);
  if (progress.is_due) output.line("Reading goes on without this command: npm run amocrm -- pull");
  return EXIT.ok;
}

async function followed(before: PullProgress, context: Context, terminal: Terminal): Promise<PullProgress> {
  const { askAdmin, output } = context;
  const interruption = terminal.interruption();
  let progress = before;
  let shown = "";
  for (let idleMs = 0; isUnfinished(progress) && !interruption.aborted; ) {
    if (progress.hindrance !== null && !progress.is_working) {
      throw new Failure("hindered", progress.hindrance, "npm run amocrm -- status tells what is to be done");
    }
    idleMs = progress.is_working ? 0 : idleMs + POLL_MS;
    if (idleMs > IDLE_MAX_MS) {
      throw new Failure(
        "idle",
        "Nothing is reading",
        "Leads may keep it waiting, or amocrm-pull cannot be reached: npm run amocrm -- status",
      );
    }
    const text = progress.entities
      .filter(({ is_waiting }) => is_waiting)
      .map((row) => stateOf(row, progress));
    terminal.showProgress(text[0] ?? "");
    if (!terminal.isInteractive && text[0] !== undefined && text[0] !== shown) output.line(text[0]);
    shown = text[0] ?? "";
    await terminal.wait(POLL_MS, interruption);
    progress = await askAdmin({ action: "pull", mode: "progress" }, PullProgress);
    failIfFailed(before, progress, terminal);
  }
  terminal.showProgress("");
  return progress;
}

function isUnfinished({ is_due: isDue, is_working: isWorking }: PullProgress): boolean {
  return isDue || isWorking;
}

/** A run that failed before this command began is history: this command makes it go on. */
function failIfFailed(before: PullProgress, now: PullProgress, terminal: Terminal): void {
  for (const { entity, run } of now.entities) {
    const known = before.entities.find((row) => row.entity === entity)?.run;
    const isOld = known?.id === run?.id && known?.state === "failed";
    if (run?.state !== "failed" || isOld) continue;
    terminal.showProgress("");
    throw new Failure(
      run.error_code ?? "failed",
      `Reading ${entity}s failed after ${run.page_count} pages: ${run.error_message ?? run.error_code}`,
      "It goes on where it stopped, by itself or with this command",
    );
  }
}

function stateOf({ entity, run }: Entity, { interval_ms: intervalMs }: PullProgress): string {
  if (run === null || run.state !== "running") return `${entity}s: waiting for its turn`;
  const { pages_left: left } = run;
  const rest =
    left === null
      ? "the rest is not known yet"
      : `about ${left} pages left, ${durationOf(left * intervalMs)}`;
  return `${entity}s: page ${run.page_count}, ${run.new_count} new, ${run.changed_count} updated; ${rest}`;
}

function summary({ entities }: PullProgress): string[] {
  return tableOf(
    ["entity", "pages", "new", "updated", "deleted", "mirror"],
    entities.map(({ entity, is_complete: isComplete, run }) => [
      `${entity}s`,
      run?.page_count ?? 0,
      run?.new_count ?? 0,
      run?.changed_count ?? 0,
      run?.deleted_count ?? 0,
      isComplete ? "complete" : "not complete yet",
    ]),
  );
}
