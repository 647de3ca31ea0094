import { parseSettings } from "../_shared/amocrm/settings.ts";
import { CRON_CALLER, cronAnswer, refuseCaller } from "../_shared/outbox/cron-call.ts";
import { createHeartbeat } from "../_shared/outbox/heartbeat-store.ts";
import { withDrainLease } from "../_shared/outbox/lease.ts";
import { createLease } from "../_shared/outbox/lease-store.ts";
import { runConfigured } from "../_shared/outbox/run-configured.ts";
import { systemClock } from "../_shared/platform/clock.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { endingSignal, environment, workOn } from "../_shared/platform/runtime.ts";

const ending = endingSignal();

/** Called by pg_cron with the token of its door or a secret key. It answers at once, because a slow answer would hold up all of pg_net. */
export default {
  fetch: serve(CRON_CALLER, async (request, context) => {
    const rpc = createRpc(context.supabaseAdmin);
    const refusal = await refuseCaller(request, context.authMode, rpc);
    if (refusal !== null) return refusal;
    const settings = parseSettings(environment());
    const lease = { queue: createLease(rpc, "amocrm"), clock: systemClock, token: crypto.randomUUID() };
    workOn(
      runConfigured({
        name: "drain",
        settings,
        heartbeat: createHeartbeat(rpc, "amocrm-drain"),
        log: consoleLog,
        work: async (access) => ({
          ...(await withDrainLease(lease, async (report) => {
            // Nine tenths of the code, which a call that is turned away does not need.
            const { deliver } = await import("./engine.ts");
            await deliver({ access, rpc, lease, ending }, report);
          })),
        }),
      }),
    );
    return cronAnswer(settings);
  }),
};
