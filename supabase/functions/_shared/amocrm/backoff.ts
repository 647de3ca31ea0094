/** The ceiling of the first wait; amoCRM's short faults are over within seconds. */
const BACKOFF_BASE_MS = 5_000;

/** No message waits longer than this for its next attempt, so that an outage's end is noticed within the hour. */
const BACKOFF_MAX_MS = 3_600_000;

/** A server may name no wait shorter than this: zero would mean hammering it. */
const TOLD_WAIT_MIN_MS = 1_000;

/** Nor longer than this: a mistaken figure must not stop the queue for hours. */
const TOLD_WAIT_MAX_MS = 600_000;

/**
 * Milliseconds to wait after the given number of failed attempts: exponential with full jitter, so that
 * messages that failed together do not come back together. `random` gives numbers from 0 up to 1.
 */
export function backoffMs(attemptCount: number, random: () => number): number {
  const doublings = Math.max(0, attemptCount - 1);
  const ceilingMs = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** doublings);
  return Math.floor(random() * ceilingMs);
}

/** Bounds a wait that a server named, in milliseconds. */
export function clampWaitMs(toldMs: number): number {
  if (Number.isNaN(toldMs)) return TOLD_WAIT_MIN_MS;
  return Math.min(TOLD_WAIT_MAX_MS, Math.max(TOLD_WAIT_MIN_MS, Math.ceil(toldMs)));
}
