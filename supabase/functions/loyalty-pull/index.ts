import { createInbox } from "../_shared/inbox/store.ts";
import { createQtickets } from "../_shared/loyalty/adapters.ts";
import { isNightlyAsked, pullOrders } from "../_shared/loyalty/pull.ts";
import { parseQticketsSettings } from "../_shared/loyalty/settings.ts";
import { createOrderStore } from "../_shared/loyalty/store.ts";
import { CRON_CALLER, cronAnswer, refuseCaller } from "../_shared/outbox/cron-call.ts";
import { runConfigured } from "../_shared/outbox/run-configured.ts";
import { createHeartbeat } from "../_shared/outbox/store.ts";
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
    if (request.method !== "POST") return Response.json({ code: "method_not_allowed" }, { status: 405 });
    const isNightly = await isNightlyAsked(request);
    const settings = parseQticketsSettings(environment());
    workOn(
      runConfigured({
        name: "loyalty_pull",
        settings,
        heartbeat: createHeartbeat(rpc, "loyalty-pull"),
        log: consoleLog,
        work: (access) =>
          pullOrders(
            {
              seller: createQtickets(access, { fetch: outsideFetch, clock: systemClock }),
              store: createOrderStore(rpc, "qtickets"),
              inbox: createInbox(rpc, "qtickets"),
              clock: systemClock,
              log: consoleLog,
              newToken: () => crypto.randomUUID(),
            },
            isNightly,
          ),
      }),
    );
    return cronAnswer(settings);
  }),
};
