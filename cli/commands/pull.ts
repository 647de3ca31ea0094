import { PullProgress } from "#shared/admin/answer.ts";
import { filled, type Say, type Text } from "#shared/platform/text.ts";
import { sinceOf } from "../backfill-order.ts";
import type { Context } from "../context.ts";
import { EXIT, Failure } from "../failure.ts";
import { durationOf } from "../language/duration.ts";
import { told } from "../language/told.ts";
import { tableOf } from "../output.ts";
import type { Terminal } from "../terminal.ts";
import { COLUMNS } from "../words/columns.ts";
import { PULL } from "../words/pull.ts";

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
  const { askAdmin, output, say } = context;
  const since = sinceOf(flags.since, context.nowMs);
  const before = await askAdmin(
    { action: "pull", mode: "start", since, accept_deletions: flags.acceptDeletions === true },
    PullProgress,
  );
  const progress = await followed(before, context, terminal);
  output.document(progress);
  for (const line of summary(progress, say)) output.line(line);
  if (progress.is_due) output.line(say(PULL.goesOn));
  return EXIT.ok;
}

async function followed(before: PullProgress, context: Context, terminal: Terminal): Promise<PullProgress> {
  const { askAdmin, output, say } = context;
  const interruption = terminal.interruption();
  let progress = before;
  let shown = "";
  for (let idleMs = 0; isUnfinished(progress) && !interruption.aborted; ) {
    if (progress.hindrance !== null && !progress.is_working) {
      throw new Failure("hindered", told(progress.hindrance), PULL.statusTells);
    }
    idleMs = progress.is_working ? 0 : idleMs + POLL_MS;
    if (idleMs > IDLE_MAX_MS) {
      throw new Failure("idle", PULL.idle, PULL.idleRemedy);
    }
    const text = progress.entities
      .filter(({ is_waiting }) => is_waiting)
      .map((row) => stateOf(row, progress, say));
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
    const text = entity === "contact" ? PULL.failedContacts : PULL.failedDeals;
    const reason = told(run.error_message ?? run.error_code ?? "");
    throw new Failure(
      run.error_code ?? "failed",
      filled(text, { pages: run.page_count, reason }),
      PULL.failedRemedy,
    );
  }
}

function entityText(entity: Entity["entity"]): Text {
  return entity === "contact" ? PULL.contacts : PULL.deals;
}

function stateOf({ entity: name, run }: Entity, { interval_ms: intervalMs }: PullProgress, say: Say): string {
  const entity = entityText(name);
  if (run === null || run.state !== "running") return say(PULL.waits, { entity });
  const { pages_left: left, page_count: page, new_count: added, changed_count: changed } = run;
  const rest =
    left === null ? PULL.restUnknown : filled(PULL.rest, { left, time: durationOf(left * intervalMs) });
  return say(PULL.page, { entity, page, new: added, changed, rest });
}

function summary({ entities }: PullProgress, say: Say): string[] {
  const { entity, pages, new: added, updated, deleted, total, mirror } = COLUMNS;
  const rows = entities.map((row) => [
    say(entityText(row.entity)),
    row.run?.page_count ?? 0,
    row.run?.new_count ?? 0,
    row.run?.changed_count ?? 0,
    row.run?.deleted_count ?? 0,
    row.total_count ?? "",
    say(row.is_complete ? PULL.complete : PULL.incomplete),
  ]);
  const sum = (count: (row: Entity) => number): number => entities.reduce((all, row) => all + count(row), 0);
  const sums = {
    new: sum(({ run }) => run?.new_count ?? 0),
    updated: sum(({ run }) => run?.changed_count ?? 0),
    total: sum((row) => row.total_count ?? 0),
  };
  const head = [entity, pages, added, updated, deleted, total, mirror].map((column) => say(column));
  return [...tableOf(head, rows), say(PULL.summary, sums)];
}
