import { connectAmocrm, createRequestLog, createTokenStore } from "../_shared/amocrm/connection.ts";
import { drain, runDrain } from "../_shared/amocrm/drain.ts";
import { createOutboxStore } from "../_shared/amocrm/drain-connection.ts";
import { parseSettings } from "../_shared/amocrm/settings.ts";
import { tokensFor } from "../_shared/amocrm/tokens.ts";
import { CRON_CALLER, cronAnswer, refuseCaller } from "../_shared/outbox/cron-call.ts";
import { createHeartbeat, createPaceStore } from "../_shared/outbox/store.ts";
import { systemClock, systemRandom } from "../_shared/platform/clock.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { endingSignal, environment, workOn } from "../_shared/platform/runtime.ts";
import { handlers } from "./handlers.ts";

const ending = endingSignal();

/** Called by pg_cron with the token of its door or a secret key. It answers at once, because a slow answer would hold up all of pg_net. */
export default {
  fetch: serve(CRON_CALLER, async (request, context) => {
    const rpc = createRpc(context.supabaseAdmin);
    const refusal = await refuseCaller(request, context.authMode, rpc);
    if (refusal !== null) return refusal;
    const variables = environment();
    const settings = parseSettings(variables);
    const pace = createPaceStore(rpc);
    const requestLog = createRequestLog(rpc, "amocrm-drain", systemClock.nowMs, consoleLog);
    const store = createTokenStore(rpc, projectOf(variables));
    workOn(
      runDrain({
        settings,
        heartbeat: createHeartbeat(rpc, "amocrm-drain"),
        log: consoleLog,
        drain: (access) =>
          drain({
            outbox: createOutboxStore(rpc),
            pace,
            connect: (slots) =>
              connectAmocrm(access, { slots, store, pace, log: consoleLog, requestLog }, tokensFor),
            requestLog,
            handlers,
            clock: systemClock,
            random: systemRandom,
            log: consoleLog,
            newToken: () => crypto.randomUUID(),
            ending,
          }),
      }),
    );
    return cronAnswer(settings);
  }),
};
