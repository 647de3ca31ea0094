import type { Clock } from "../platform/clock.ts";
import type { Pace } from "./port.ts";
import { type SlotAnswer, type Slots, TOKEN_PURPOSE } from "./slots.ts";

/** A slot further away than this is not waited for: the drain ends and is called again. */
const MAX_WAIT_MS = 10_000;

/**
 * A slot that is used later than this is given up. The drain lease lives 15 s from the reservation on; a process that was
 * stopped for longer may have been replaced, and what it sends could come after what the other one has sent.
 */
const SLOT_LIFE_MS = 10_000;

const EXPIRED: SlotAnswer = {
  granted: false,
  code: "slot_expired",
  message: "This process stood still after it had been given its slot, so nothing was sent",
  waitMs: null,
};

/** Nothing more may be sent in this drain, so a slot that waits for its time is given up. */
const STOPPED: SlotAnswer = {
  granted: false,
  code: "drain_stopped",
  message: "Another request of this drain met what stops all sending, so nothing was sent",
  waitMs: null,
};

export interface Pacer extends Slots {
  /** True if the last slot was the one probe that an open breaker lets through. */
  isProbing(): boolean;
  /** From now on no slot is given or used, except for the token: a new one may be what ends the trouble. */
  stop(): void;
}

/**
 * Hands out the account's slots to this process, one after the other. Timers fire late, so the pace counts from the
 * departure where that is later than the slot: the next reservation tells how long ago the last request really left,
 * and a slot that would come too soon after it in this process is stretched here.
 */
export function createPacer(pace: Pace, clock: Clock, token: string | null): Pacer {
  let turn: Promise<unknown> = Promise.resolve();
  let departedAtMs: number | null = null;
  let probing = false;
  let isStopped = false;

  async function takeNext(purpose: string): Promise<SlotAnswer> {
    const askedAtMs = clock.nowMs();
    const sinceMs = departedAtMs === null ? null : Math.max(0, Math.floor(askedAtMs - departedAtMs));
    const isForToken = purpose === TOKEN_PURPOSE;
    if (isStopped && !isForToken) return STOPPED;
    const slot = isForToken
      ? await pace.reserveTokenSlot(sinceMs, MAX_WAIT_MS)
      : await pace.reserveSlot(token, sinceMs, MAX_WAIT_MS);
    if (!slot.granted) return slot;
    if (!isForToken) probing = slot.isProbe;
    await clock.sleep(slot.waitMs);
    const dueAtMs = Math.max(askedAtMs + slot.waitMs, (departedAtMs ?? 0) + slot.intervalMs);
    while (clock.nowMs() < dueAtMs) await clock.sleep(dueAtMs - clock.nowMs());
    if (clock.nowMs() - dueAtMs > SLOT_LIFE_MS) return EXPIRED;
    if (isStopped && !isForToken) return STOPPED;
    departedAtMs = clock.nowMs();
    return { granted: true, waitedMs: departedAtMs - askedAtMs };
  }

  return {
    isProbing: () => probing,
    stop() {
      isStopped = true;
    },
    take(purpose) {
      const mine = turn.then(() => takeNext(purpose));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}
