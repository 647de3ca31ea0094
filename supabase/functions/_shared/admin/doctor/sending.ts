import type { DoctorFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";

/** A message that waits longer than this is behind (as in amocrm_health). */
const BEHIND_MS = 15 * 60_000;
/** An answer that was lost is looked for during some six minutes; then something is in the way. */
const UNCERTAIN_MS = 30 * 60_000;
/** A pull may fail now and then; so many in a row are a fault (as in amocrm_health). */
const FAILED_PULLS = 3;

/** What waits for a row of the admin's. */
function isUnrouted(reason: string | null): boolean {
  return reason === "no_route" || reason === "no_main_pipeline";
}

/** Is anything sent at all, and at which pace? */
export function checkSending(
  { control, configuration, clock }: DoctorFacts,
  hasAnswered: boolean,
): Finding[] {
  const { paused_at: pausedAt, breaker_code: code, breaker_probe_at: probeAt } = control;
  const findings: Finding[] = [];
  if (pausedAt !== null) findings.push(finding("sending_paused", { reason: control.pause_reason ?? "" }));
  // The question that amoCRM has just answered was the probe, and it let sending go on.
  if (code !== null && !hasAnswered) {
    const seconds = Math.max(0, Math.ceil((Date.parse(probeAt ?? clock) - Date.parse(clock)) / 1000));
    findings.push(finding("sending_stopped", { code, seconds }));
  }
  const set = configuration.settings.min_interval_ms;
  const interval = control.interval_in_force_ms;
  if (interval > set) findings.push(finding("sending_slowed", { interval, set }));
  const size = control.batch_size_in_force;
  if (size !== null && size < configuration.settings.batch_size)
    findings.push(finding("sending_small", { size }));
  return findings.length === 0 ? [finding("sending_ok", { interval })] : findings;
}

/** What waits, is stuck, or needs a person. */
export function checkQueue({
  messages,
  clock,
  login_differs_count: loginCount,
  duplicate_count: duplicateCount,
  unmapped_form_count: unmappedCount,
  webhook_state: webhookState,
}: DoctorFacts): Finding[] {
  const findings: Finding[] = [];
  const count = (rows: DoctorFacts["messages"]) => rows.reduce((sum, row) => sum + row.message_count, 0);
  const minutes = (rows: DoctorFacts["messages"]) =>
    Math.floor(Math.max(0, ...rows.map((row) => ageMs(row, clock))) / 60_000);

  const unfinished = messages.filter(({ state }) => state === "pending" || state === "leased");
  const unrouted = unfinished.filter(({ reason }) => isUnrouted(reason));
  if (unrouted.length > 0) findings.push(finding("queue_unrouted", { count: count(unrouted) }));
  const dead = messages.filter(({ state }) => state === "dead");
  if (dead.length > 0) findings.push(finding("queue_dead", { count: count(dead) }));
  const lost = messages.filter((row) => row.state === "uncertain" && ageMs(row, clock) > UNCERTAIN_MS);
  if (lost.length > 0)
    findings.push(finding("queue_uncertain", { count: count(lost), minutes: minutes(lost) }));
  for (const row of unfinished.filter(({ reason }) => reason === "no_handler")) {
    findings.push(finding("queue_no_handler", { count: row.message_count, kind: row.kind }));
  }
  // History waits for its turn by design, what has no route or handler is told above.
  const behind = unfinished.filter(
    (row) =>
      row.lane === "live" &&
      !isUnrouted(row.reason) &&
      row.reason !== "no_handler" &&
      ageMs(row, clock) > BEHIND_MS,
  );
  if (behind.length > 0)
    findings.push(finding("queue_behind", { count: count(behind), minutes: minutes(behind) }));
  if (loginCount > 0) findings.push(finding("logins_differ", { count: loginCount }));
  if (webhookState === "broken") findings.push(finding("webhook_broken"));
  if (unmappedCount > 0) findings.push(finding("forms_unmapped", { count: unmappedCount }));
  if (duplicateCount > 0) findings.push(finding("duplicates", { count: duplicateCount }));
  return findings.length === 0 ? [finding("queue_ok")] : findings;
}

/** Is the copy of amoCRM's contacts and deals complete and young? */
export function checkMirror({ mirror, configuration, clock }: DoctorFacts): Finding[] {
  const failing = mirror.filter(({ failure_count: failed }) => failed >= FAILED_PULLS);
  if (failing.length > 0) {
    return failing.map(({ entity, failure_count: count }) => finding("mirror_failing", { entity, count }));
  }
  if (mirror.some(({ is_complete: isComplete }) => !isComplete)) return [finding("mirror_incomplete")];
  const oldestMs = Math.min(...mirror.map(({ pulled_at: at }) => Date.parse(at ?? clock)));
  const ageMinutes = Math.max(0, Math.floor((Date.parse(clock) - oldestMs) / 60_000));
  // A pull gives way to leads, so it may be late for several of its turns.
  const isOld = ageMinutes > 10 + (4 * configuration.settings.pull_interval_seconds) / 60;
  return [finding(isOld ? "mirror_old" : "mirror_ok", { minutes: ageMinutes })];
}

function ageMs({ oldest_at: oldestAt }: DoctorFacts["messages"][number], clock: string): number {
  return oldestAt === null ? 0 : Date.parse(clock) - Date.parse(oldestAt);
}
