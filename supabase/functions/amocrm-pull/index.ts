import { parseSettings } from "../_shared/amocrm/settings.ts";
import { CRON_CALLER, cronAnswer, refuseCaller } from "../_shared/outbox/cron-call.ts";
import { createHeartbeat } from "../_shared/outbox/heartbeat-store.ts";
import { runConfigured } from "../_shared/outbox/run-configured.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { endingSignal, environment, workOn } from "../_shared/platform/runtime.ts";

const ending = endingSignal();

/** Called by pg_cron, by itself and for the operator, with the token of its door or a secret key. It answers at once, as amocrm-drain does. */
export default {
  fetch: serve(CRON_CALLER, async (request, context) => {
    const rpc = createRpc(context.supabaseAdmin);
    const refusal = await refuseCaller(request, context.authMode, rpc);
    if (refusal !== null) return refusal;
    const settings = parseSettings(environment());
    workOn(
      runConfigured({
        name: "pull",
        settings,
        heartbeat: createHeartbeat(rpc, "amocrm-pull"),
        log: consoleLog,
        work: async (access) => {
          // Behind the answer, which then need not wait for it to be loaded.
          const { pullDue } = await import("./engine.ts");
          return { ...(await pullDue({ access, rpc, ending })) };
        },
      }),
    );
    return cronAnswer(settings);
  }),
};
