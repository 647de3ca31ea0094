import type { World } from "../world/world.ts";
import { type Evidence, isTold, type MessageRow, referenceOf } from "./evidence.ts";

/** Slots and departures are whole milliseconds. */
const PACE_TOLERANCE_MS = 1;
/** One request finds the block, two may be under way with it; then a probe after 60 s at the soonest. */
const UNDER_WAY_AT_A_BLOCK = 3;
const SOONEST_PROBE_MS = 60_000;
/** Six ticks, and drains that end early and ring again; each call may come twice. */
const MAX_CALLS_A_MINUTE = 60;

/**
 * Two requests never leave closer together than the interval, whoever sends them. A worker that stood still between
 * its slot and the departure may send one request late: no queue can take back what a process already holds.
 */
export function brokenPace({ plan, record }: World): string[] {
  const { min_interval_ms } = plan.settings;
  return record.departures.flatMap((departure, index) => {
    const before = record.departures[index - 1];
    if (before === undefined || before.isLate || departure.isLate) return [];
    if (record.clockJumpsMs.some((atMs) => atMs > before.atMs && atMs <= departure.atMs)) return [];
    const gapMs = departure.atMs - before.atMs;
    return gapMs >= min_interval_ms - PACE_TOLERANCE_MS
      ? []
      : [`${departure.what} of ${departure.worker} left ${gapMs} ms after one of ${before.worker}`];
  });
}

/** Messages of one person go out in order: nothing about the next one leaves before the last word on this one. */
export function brokenOrder({ simulator, admin }: World, evidence: Evidence): string[] {
  const mergers = new Set(
    evidence.people.flatMap((row) => (row.merged_into === null ? [] : [row.person_id, row.merged_into])),
  );
  const writes = simulator.log
    .entries()
    .filter((entry) => entry.method !== "GET" && entry.body !== undefined);
  const spans = evidence.messages
    // A dead message holds nobody back, and its worker may only have slept.
    .filter(
      (row) =>
        row.person_id !== null &&
        !mergers.has(row.person_id) &&
        row.state !== "dead" &&
        // Requeued, it goes behind those that had gone on without it.
        !admin.touchedIds.has(row.id),
    )
    .flatMap((row) => {
      const own = writes.filter(
        ({ body = "" }) =>
          new RegExp(`${referenceOf(row)}(?!\\d)`).test(body) ||
          (row.kind === "lead.created" && body.includes(row.subject_id)),
      );
      const first = own[0];
      const last = own.at(-1);
      return first === undefined || last === undefined ? [] : [{ row, first: first.id, last: last.id }];
    });
  const broken: string[] = [];
  // What was told of a lead steps back behind the very lead that it waits for: it is in order among its like.
  const lineOf = ({ row }: { row: MessageRow }) => `${row.person_id}${isTold(row) ? ", told" : ""}`;
  const placeOf = placesInLine(evidence.messages);
  for (const [person, own] of Map.groupBy(spans, lineOf)) {
    own.sort((a, b) => placeOf(a.row.id) - placeOf(b.row.id));
    own.forEach((one, index) => {
      const next = own[index + 1];
      if (next !== undefined && next.first < one.last) {
        broken.push(`person ${person}: message ${next.row.id} went out before the end of ${one.row.id}`);
      }
    });
  }
  return broken;
}

/** A message that tells older ones with it goes out in the place of the oldest: that one's turn is what it took over. */
function placesInLine(messages: readonly MessageRow[]): (id: number) => number {
  const oldestOf = new Map<number, number>();
  // By id, so that whoever took over before hands on the place that it had got.
  for (const { id, last_error_code: code, last_error_message: message } of messages) {
    const newerId =
      code === "told_together" ? Number(/^Message (\d+) /.exec(message ?? "")?.[1]) : Number.NaN;
    const place = Math.min(oldestOf.get(id) ?? id, oldestOf.get(newerId) ?? newerId);
    if (newerId > id) oldestOf.set(newerId, place);
  }
  return (id) => oldestOf.get(id) ?? id;
}

/** While the account is closed to us, by a block, a dead token or an unpaid bill, only probes go out. */
export function sentWhileBlocked({ simulator, record, plan }: World): string[] {
  const entries = simulator.log.entries();
  record.counts.lostAnswers += entries.filter((entry) =>
    ["lost_answer", "missing_items", "cut_body"].includes(entry.fault ?? ""),
  ).length;
  record.counts.rateLimited += entries.filter((entry) => entry.status === 429).length;
  record.counts.blockedRequests += entries.filter((entry) => entry.fault === "blocked").length;
  const asked = entries.filter(({ path }) => !path.startsWith("/oauth2/"));
  // An ended session says nothing of the account; and whoever signs in asks whose it is, beside all slots.
  const isSession = plan.connection === "session";
  const closed = asked.filter(
    ({ fault, status, path }) =>
      (fault === "blocked" || status === 402 || (status === 401 && !isSession)) &&
      !(isSession && path === "/api/v4/account"),
  );
  // The admin's word probes at once; a jump of the clock ends the wait; who stands still comes late.
  const isExcused =
    record.counts.freezes > 0 ||
    plan.troubles.some(({ kind }) =>
      ["pause", "clock_jump", "revoked_token", "other_account"].includes(kind),
    );
  if (isExcused) return [];
  for (const { received_at_ms: fromMs } of closed) {
    // A token that another process has replaced meanwhile is refused, too, and the new one is taken: that was no block.
    const openAgain = asked.find(
      ({ received_at_ms: atMs, status }) => atMs > fromMs && status !== null && status >= 200 && status < 300,
    );
    const untilMs = Math.min(
      fromMs + SOONEST_PROBE_MS,
      openAgain?.received_at_ms ?? Number.POSITIVE_INFINITY,
    );
    const isSoon = (atMs: number) => atMs >= fromMs && atMs < untilMs;
    const soon = closed.filter((entry) => isSoon(entry.received_at_ms));
    // What a worker that ended had learnt is lost with it.
    const mishapCount = record.faultTimesMs.filter(isSoon).length;
    if (soon.length > UNDER_WAY_AT_A_BLOCK + mishapCount)
      return [`${soon.length} requests within a minute of a block`];
  }
  return [];
}

/** Once sending is paused no slot is given; what had its slot by then may still leave. */
export function sentWhilePaused({ pauses, record }: World): string[] {
  const isPaused = (atMs: number) => pauses.some(({ fromMs, untilMs }) => atMs > fromMs && atMs < untilMs);
  // A refresh passes by: without it the connection would end over a long pause.
  const sent = record.departures.find(
    ({ slotAskedAtMs, what }) => isPaused(slotAskedAtMs) && !what.includes("/oauth2/"),
  );
  return sent === undefined ? [] : [`${sent.what} got its slot while sending was paused`];
}

/** A function is called for a reason: by the tick, by an insert, or by a drain that has done something. */
export function calledInVain({ record, plan }: World): string[] {
  const starts = record.drainStartsMs;
  const most = MAX_CALLS_A_MINUTE + 2 * plan.happenings.length;
  const index = starts.findIndex(
    (atMs, first) => (starts[first + most] ?? Number.POSITIVE_INFINITY) < atMs + 60_000,
  );
  return index < 0 ? [] : [`the drain was called more than ${most} times in a minute`];
}
