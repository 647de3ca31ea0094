import { connectResend } from "../_shared/mail/connection.ts";
import { deliverMails } from "../_shared/mail/deliver.ts";
import type { MailAccess } from "../_shared/mail/settings.ts";
import { createMailQueue } from "../_shared/mail/store.ts";
import type { Granted, Work } from "../_shared/outbox/lease.ts";
import { createPaceStore } from "../_shared/outbox/store.ts";
import { systemRandom } from "../_shared/platform/clock.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { composers } from "./composers.ts";

/** All that a drain of mails needs once it has the lease: what composes each kind, and the way to Resend. */
export function deliver({ access, rpc, lease, ending }: Granted<MailAccess>, report: Work): Promise<void> {
  return deliverMails(
    {
      lease,
      queue: createMailQueue(rpc),
      pace: createPaceStore(rpc, "message"),
      connect: (pacer) => connectResend(access, pacer),
      composers,
      sender: access.sender,
      random: systemRandom,
      log: consoleLog,
      ending,
    },
    report,
  );
}
