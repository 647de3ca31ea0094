import { connectAmocrm, createRequestLog, createTokenStore } from "../_shared/amocrm/connection.ts";
import { createOutboxStore } from "../_shared/amocrm/drain-connection.ts";
import { type PullReport, pull } from "../_shared/amocrm/pull.ts";
import { createPullStore, createSubscriptionStore } from "../_shared/amocrm/pull-connection.ts";
import type { AmocrmAccess } from "../_shared/amocrm/settings.ts";
import { tokensFor } from "../_shared/amocrm/tokens.ts";
import { heal } from "../_shared/amocrm/webhook.ts";
import { createPullPaceStore } from "../_shared/outbox/store.ts";
import { systemClock, systemRandom, systemSecretBytes } from "../_shared/platform/clock.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { projectOf } from "../_shared/platform/project.ts";
import type { Rpc } from "../_shared/platform/rpc.ts";
import { environment } from "../_shared/platform/runtime.ts";
import { createSecrets } from "../_shared/platform/secrets.ts";

interface Called {
  access: AmocrmAccess;
  rpc: Rpc;
  ending: AbortSignal;
}

/** All that a pull needs: the way to amoCRM, and the mirror. */
export function pullDue({ access, rpc, ending }: Called): Promise<PullReport> {
  const pace = createPullPaceStore(rpc);
  const requestLog = createRequestLog(rpc, "amocrm-pull", systemClock.nowMs, consoleLog);
  const store = createTokenStore(rpc, projectOf(environment()));
  return pull({
    pulls: createPullStore(rpc),
    pace,
    storePipelines: (pipelines) => createOutboxStore(rpc).storePipelines(pipelines),
    connect: (slots) => connectAmocrm(access, { slots, store, pace, log: consoleLog, requestLog }, tokensFor),
    requestLog,
    clock: systemClock,
    random: systemRandom,
    log: consoleLog,
    healHooks: (ask) =>
      heal({ ask, store: createSubscriptionStore(rpc), secrets: createSecrets(systemSecretBytes) }),
    newToken: () => crypto.randomUUID(),
    ending,
  });
}
