import { withSupabase } from "@supabase/server";
import { runConfigured } from "../_shared/drain/run-configured.ts";
import { connectAmocrm } from "../_shared/platform/amocrm-connection.ts";
import { systemClock, systemRandom } from "../_shared/platform/clock.ts";
import { CRON_CALLER, cronAnswer } from "../_shared/platform/cron-call.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { endingSignal, environment, workOn } from "../_shared/platform/runtime.ts";
import { parseSettings } from "../_shared/platform/settings.ts";
import { pull } from "../_shared/pull/pull.ts";
import { createHeartbeat, createOutboxStore } from "../_shared/store/outbox-store.ts";
import { createPullPaceStore, createPullStore } from "../_shared/store/pull-store.ts";
import { createRequestLog } from "../_shared/store/request-log-store.ts";
import { createRpc } from "../_shared/store/rpc.ts";
import { createTokenStore } from "../_shared/store/token-store.ts";
import { tokensFor } from "../_shared/tokens/tokens-for.ts";

const ending = endingSignal();

/** Called by pg_cron, by itself and for the operator, with a secret key. It answers at once, as amocrm-drain does. */
export default {
  fetch: withSupabase(CRON_CALLER, async (request, context) => {
    if (request.method !== "POST") return Response.json({ code: "method_not_allowed" }, { status: 405 });
    const rpc = createRpc(context.supabaseAdmin);
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
            newToken: () => crypto.randomUUID(),
            ending,
          })),
        }),
      }),
    );
    return cronAnswer(settings);
  }),
};
