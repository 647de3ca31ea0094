import { setTimeout as sleep } from "node:timers/promises";
import type { System } from "./system.ts";

const NUDGE_INTERVAL_MS = 50;

/**
 * Cuts waits short until stopped: what waits for a look-up, a retry or a probe is due at once, and cron's tick runs
 * all the time. The waits themselves are the database tests' matter.
 */
export function hurry(system: System): { stop(): Promise<void> } {
  const controller = new AbortController();
  const running = (async () => {
    while (!controller.signal.aborted) {
      await system.sql`update amocrm.outbox set next_attempt_at = clock_timestamp()
        where state = 'pending' and next_attempt_at > clock_timestamp()`;
      // A look-up must still come long after the request it is about, or it sees nothing and sends it again.
      await system.sql`update amocrm.outbox set next_attempt_at = clock_timestamp() + interval '1 second'
        where state = 'uncertain' and next_attempt_at > clock_timestamp() + interval '1 second'`;
      await system.sql`update amocrm.queue_control set breaker_probe_at = clock_timestamp(), cool_off_until = null
        where breaker_probe_at > clock_timestamp() or cool_off_until is not null`;
      // A killed drain's lease runs for 15 s; here it ends at once when no call is open.
      if (system.stack.openCallCount() === 0) {
        await system.sql`update amocrm.queue_control set drain_expires_at = clock_timestamp() where drain_expires_at > clock_timestamp()`;
      }
      await system.stack.worker?.runJob("amocrm-tick");
      await sleep(NUDGE_INTERVAL_MS);
    }
  })();
  return {
    async stop() {
      controller.abort();
      await running;
    },
  };
}
