import type { Granted, Work } from "../_shared/outbox/lease.ts";
import { createQueuePaceStore } from "../_shared/outbox/store.ts";
import { systemRandom } from "../_shared/platform/clock.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { connectMobizon } from "../_shared/sms/connection.ts";
import { deliverSms } from "../_shared/sms/deliver.ts";
import type { SmsAccess } from "../_shared/sms/settings.ts";
import { createSmsQueue } from "../_shared/sms/store.ts";
import { composers } from "./composers.ts";

interface Called extends Granted<SmsAccess> {
  variables: Readonly<Record<string, string | undefined>>;
}

/** All that a drain of SMS needs once it has the lease: what composes each kind, and the way to Mobizon. */
export function deliver({ access, rpc, lease, variables, ending }: Called, report: Work): Promise<void> {
  return deliverSms(
    {
      lease,
      queue: createSmsQueue(rpc),
      pace: createQueuePaceStore(rpc, "sms"),
      connect: (pacer) => connectMobizon(access, pacer),
      composers,
      variables,
      random: systemRandom,
      log: consoleLog,
      ending,
    },
    report,
  );
}
