import { isNightlyAsked } from "../_shared/loyalty/nightly-asked.ts";
import { parseQticketsSettings } from "../_shared/loyalty/settings.ts";
import { parseTimepadSettings, sellersOf } from "../_shared/loyalty/timepad-settings.ts";
import { CRON_CALLER, cronAnswer, refuseCaller } from "../_shared/outbox/cron-call.ts";
import { createHeartbeat } from "../_shared/outbox/heartbeat-store.ts";
import { runConfigured } from "../_shared/outbox/run-configured.ts";
import { systemClock } from "../_shared/platform/clock.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { outsideFetch } from "../_shared/platform/outside-fetch.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment, workOn } from "../_shared/platform/runtime.ts";

/** Called by pg_cron and for the operator, with the token of its door or a secret key. It answers at once, and works on. */
export default {
  fetch: serve(CRON_CALLER, async (request, context) => {
    const rpc = createRpc(context.supabaseAdmin);
    const refusal = await refuseCaller(request, context.authMode, rpc);
    if (refusal !== null) return refusal;
    const isNightly = await isNightlyAsked(request);
    const variables = environment();
    const settings = sellersOf(parseQticketsSettings(variables), parseTimepadSettings(variables));
    workOn(
      runConfigured({
        name: "loyalty_pull",
        settings,
        heartbeat: createHeartbeat(rpc, "loyalty-pull"),
        log: consoleLog,
        work: async (access) => {
          // Behind the answer, which then need not wait for it to be loaded.
          const { pullSellers } = await import("../_shared/loyalty/sellers-connection.ts");
          return await pullSellers(access, isNightly, {
            rpc,
            fetch: outsideFetch,
            clock: systemClock,
            log: consoleLog,
            newToken: () => crypto.randomUUID(),
          });
        },
      }),
    );
    return cronAnswer(settings);
  }),
};
