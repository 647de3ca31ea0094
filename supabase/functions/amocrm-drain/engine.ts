import { connectAmocrm, createRequestLog, createTokenStore } from "../_shared/amocrm/connection.ts";
import { drain } from "../_shared/amocrm/drain.ts";
import { createOutboxStore } from "../_shared/amocrm/drain-connection.ts";
import type { AmocrmAccess } from "../_shared/amocrm/settings.ts";
import { tokensFor } from "../_shared/amocrm/tokens.ts";
import type { Granted, Work } from "../_shared/outbox/lease.ts";
import { createPaceStore } from "../_shared/outbox/store.ts";
import { systemRandom } from "../_shared/platform/clock.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { environment } from "../_shared/platform/runtime.ts";
import { handlers } from "./handlers.ts";

/** All that a drain needs once it has the lease: the handlers of each area, and the way to amoCRM. */
export function deliver({ access, rpc, lease, ending }: Granted<AmocrmAccess>, report: Work): Promise<void> {
  const pace = createPaceStore(rpc);
  const requestLog = createRequestLog(rpc, "amocrm-drain", lease.clock.nowMs, consoleLog);
  const store = createTokenStore(rpc, projectOf(environment()));
  return drain(
    {
      lease,
      outbox: createOutboxStore(rpc),
      pace,
      connect: (slots) =>
        connectAmocrm(access, { slots, store, pace, log: consoleLog, requestLog }, tokensFor),
      requestLog,
      handlers,
      random: systemRandom,
      log: consoleLog,
      ending,
    },
    report,
  );
}
