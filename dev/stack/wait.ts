import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";

export interface WaitOptions {
  /** Default three minutes: what cron has to bring takes one, and machines have other work. */
  timeoutMs?: number;
  /** Default 20 ms. */
  intervalMs?: number;
}

/** What is left of an answer's type once it is known to be truthy. */
type Truthy<T> = T extends false | 0 | "" | null | undefined ? never : T;

/**
 * Calls the probe until it answers something truthy, and returns that answer.
 * A probe that throws counts as "not yet"; the failure names what was waited for and the last value or error.
 */
export async function waitFor<T>(
  description: string,
  probe: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Truthy<T>> {
  const { timeoutMs = 180_000, intervalMs = 20 } = options;
  const giveUpAt = performance.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const value = await probe();
      if (value) return value as Truthy<T>;
      last = value;
    } catch (error) {
      last = error;
    }
    await sleep(intervalMs);
  } while (performance.now() < giveUpAt);
  throw new Error(`Waited ${timeoutMs} ms for ${description}; last seen: ${inspect(last, { depth: 4 })}`);
}
