import type { Clock } from "../../platform/clock.ts";
import { messageOf } from "../../platform/error-message.ts";
import type { Log } from "../../platform/log.ts";
import { UnstorableError } from "../../platform/rpc.ts";
import type { Hit, LinkStore } from "./port.ts";

/** In one call; what came meanwhile goes with the next. */
const BATCH_SIZE = 100;
/** What waits to be counted while nothing can be; further ones are answered and not counted. */
const WAITING_MAX = 1000;
/** Between tries, in all as long as a worker may go on after its answer. */
const WAITS_MS = [300, 1000, 3000, 10_000, 20_000] as const;

export interface Counter {
  /** Never rejects; resolves when this hit is counted or given up. */
  count(hit: Hit, store: LinkStore): Promise<void>;
}

/**
 * Counts after the answer, by one call at a time for a whole worker: as many calls as clicks would wait for one lock with
 * all of the database's sessions, and the next visitor's answer needs one.
 */
export function createCounter({ clock, log }: { clock: Clock; log: Log }): Counter {
  let waiting: { hit: Hit; atMs: number }[] = [];
  let running: Promise<void> | undefined;

  async function run(store: LinkStore): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_SIZE);
      waiting = waiting.slice(BATCH_SIZE);
      await keep(batch, store);
    }
  }

  async function keep(batch: readonly { hit: Hit; atMs: number }[], store: LinkStore): Promise<void> {
    for (const waitMs of [...WAITS_MS, null]) {
      try {
        const now = clock.nowMs();
        await store.count(batch.map(({ hit, atMs }) => ({ ...hit, age_ms: Math.max(0, now - atMs) })));
        return;
      } catch (error) {
        if (waitMs === null || error instanceof UnstorableError) {
          log("error", "go_not_counted", { count: batch.length, message: messageOf(error) });
          return;
        }
        await clock.sleep(waitMs);
      }
    }
  }

  return {
    count(hit, store) {
      if (waiting.length >= WAITING_MAX) {
        log("error", "go_not_counted", { count: 1, message: "too many wait" });
        return Promise.resolve();
      }
      waiting.push({ hit, atMs: clock.nowMs() });
      running ??= run(store).finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}
