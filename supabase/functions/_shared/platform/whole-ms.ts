/** A server may name any number as a wait; the database takes whole milliseconds, and bounds them. */
export function wholeMs(ms: number | null): number | null {
  return ms === null || Number.isNaN(ms) ? null : Math.ceil(Math.min(ms, Number.MAX_SAFE_INTEGER));
}
