import { withSupabase } from "@supabase/server";
import { drain } from "../_shared/drain/drain.ts";
import { runDrain } from "../_shared/drain/run-drain.ts";
import { handlers } from "../_shared/handlers/registry.ts";
import { connectAmocrm } from "../_shared/platform/amocrm-connection.ts";
import { systemClock, systemRandom } from "../_shared/platform/clock.ts";
import { CRON_CALLER, cronAnswer } from "../_shared/platform/cron-call.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { endingSignal, environment, workOn } from "../_shared/platform/runtime.ts";
import { parseSettings } from "../_shared/platform/settings.ts";
import { createHeartbeat, createOutboxStore, createPaceStore } from "../_shared/store/outbox-store.ts";
import { createRequestLog } from "../_shared/store/request-log-store.ts";
import { createRpc } from "../_shared/store/rpc.ts";
import { createTokenStore } from "../_shared/store/token-store.ts";
import { tokensFor } from "../_shared/tokens/tokens-for.ts";

const ending = endingSignal();

/** Called by pg_cron with a secret key. It answers at once, because a slow answer would hold up all of pg_net. */
export default {
  fetch: withSupabase(CRON_CALLER, async (request, context) => {
    if (request.method !== "POST") return Response.json({ code: "method_not_allowed" }, { status: 405 });
    const rpc = createRpc(context.supabaseAdmin);
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
