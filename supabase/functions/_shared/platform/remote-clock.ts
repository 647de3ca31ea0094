import type { Clock } from "./clock.ts";

/** The clock of whoever answers, as far as its answers tell. */
export interface RemoteClock {
  /** To be used in place of fetch. */
  fetch: typeof globalThis.fetch;
  /** How far it is ahead of ours; null before the first answer with a date. */
  offsetMs(): number | null;
}

/** A Date header tells whole seconds, so the moment it means is half a second later on average. */
const HALF_SECOND_MS = 500;

/** Reads the Date header of each answer that passes through. */
export function watchRemoteClock(fetch: typeof globalThis.fetch, clock: Clock): RemoteClock {
  let offsetMs: number | null = null;
  return {
    async fetch(input, init) {
      const sentAtMs = clock.nowMs();
      const response = await fetch(input, init);
      const toldMs = Date.parse(response.headers.get("date") ?? "");
      if (!Number.isNaN(toldMs)) offsetMs = toldMs + HALF_SECOND_MS - (sentAtMs + clock.nowMs()) / 2;
      return response;
    },
    offsetMs: () => offsetMs,
  };
}
