import { connectAmocrm, createRequestLog, createTokenStore } from "../_shared/amocrm/connection.ts";
import { createOutboxStore } from "../_shared/amocrm/drain-connection.ts";
import { pull } from "../_shared/amocrm/pull.ts";
import { createPullStore, createSubscriptionStore } from "../_shared/amocrm/pull-connection.ts";
import { parseSettings } from "../_shared/amocrm/settings.ts";
import { tokensFor } from "../_shared/amocrm/tokens.ts";
import { heal } from "../_shared/amocrm/webhook.ts";
import { CRON_CALLER, cronAnswer, refuseCaller } from "../_shared/outbox/cron-call.ts";
import { runConfigured } from "../_shared/outbox/run-configured.ts";
import { createHeartbeat, createPullPaceStore } from "../_shared/outbox/store.ts";
import { systemClock, systemRandom, systemSecretBytes } from "../_shared/platform/clock.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { endingSignal, environment, workOn } from "../_shared/platform/runtime.ts";
import { createSecrets } from "../_shared/platform/secrets.ts";

const ending = endingSignal();

/** Called by pg_cron, by itself and for the operator, with the token of its door or a secret key. It answers at once, as amocrm-drain does. */
export default {
  fetch: serve(CRON_CALLER, async (request, context) => {
    const rpc = createRpc(context.supabaseAdmin);
    const refusal = await refuseCaller(request, context.authMode, rpc);
    if (refusal !== null) return refusal;
    const variables = environment();
    const settings = parseSettings(variables);
    const pace = createPullPaceStore(rpc);
    const requestLog = createRequestLog(rpc, "amocrm-pull", systemClock.nowMs, consoleLog);
    const store = createTokenStore(rpc, projectOf(variables));
    workOn(
      runConfigured({
        name: "pull",
        settings,
        heartbeat: createHeartbeat(rpc, "amocrm-pull"),
        log: consoleLog,
        work: async (access) => ({
          ...(await pull({
            pulls: createPullStore(rpc),
            pace,
            storePipelines: (pipelines) => createOutboxStore(rpc).storePipelines(pipelines),
            connect: (slots) =>
              connectAmocrm(access, { slots, store, pace, log: consoleLog, requestLog }, tokensFor),
            requestLog,
            clock: systemClock,
            random: systemRandom,
            log: consoleLog,
            healHooks: (ask) =>
              heal({ ask, store: createSubscriptionStore(rpc), secrets: createSecrets(systemSecretBytes) }),
            newToken: () => crypto.randomUUID(),
            ending,
          })),
        }),
      }),
    );
    return cronAnswer(settings);
  }),
};
