import { connectUnisender } from "../_shared/loyalty/unisender-connection.ts";
import { deliverToUnisender } from "../_shared/loyalty/unisender-drain.ts";
import type { UnisenderAccess } from "../_shared/loyalty/unisender-settings.ts";
import { createUnisenderQueue } from "../_shared/loyalty/unisender-store.ts";
import type { Granted, Work } from "../_shared/outbox/lease.ts";
import { createQueuePaceStore } from "../_shared/outbox/store.ts";
import { systemRandom } from "../_shared/platform/clock.ts";
import { consoleLog } from "../_shared/platform/log.ts";

interface Called extends Granted<UnisenderAccess> {
  project: string;
}

/** All that a drain of mailings needs once it has the lease. */
export function deliver({ access, rpc, lease, project, ending }: Called, report: Work): Promise<void> {
  return deliverToUnisender(
    {
      lease,
      queue: createUnisenderQueue(rpc),
      pace: createQueuePaceStore(rpc, "unisender"),
      connect: (pacer) => connectUnisender(access, pacer),
      // One account may serve several projects.
      listTitle: `Loyalty ${project}`.slice(0, 90),
      random: systemRandom,
      log: consoleLog,
      ending,
    },
    report,
  );
}
