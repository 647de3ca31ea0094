import { parseUnisenderSettings } from "../_shared/loyalty/unisender-settings.ts";
import { CRON_CALLER, cronAnswer, refuseCaller } from "../_shared/outbox/cron-call.ts";
import { createHeartbeat } from "../_shared/outbox/heartbeat-store.ts";
import { withDrainLease } from "../_shared/outbox/lease.ts";
import { createQueueLease } from "../_shared/outbox/lease-store.ts";
import { runConfigured } from "../_shared/outbox/run-configured.ts";
import { systemClock } from "../_shared/platform/clock.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { endingSignal, environment, workOn } from "../_shared/platform/runtime.ts";

const ending = endingSignal();

/** Called by pg_cron with the token of its door or a secret key. It answers at once, and works on. */
export default {
  fetch: serve(CRON_CALLER, async (request, context) => {
    const rpc = createRpc(context.supabaseAdmin);
    const refusal = await refuseCaller(request, context.authMode, rpc);
    if (refusal !== null) return refusal;
    const variables = environment();
    const project = projectOf(variables);
    const settings = parseUnisenderSettings(variables);
    const queue = createQueueLease(rpc, "unisender", { p_project: project });
    const lease = { queue, clock: systemClock, token: crypto.randomUUID() };
    workOn(
      runConfigured({
        name: "unisender_drain",
        settings,
        heartbeat: createHeartbeat(rpc, "unisender-drain"),
        log: consoleLog,
        work: async (access) => ({
          ...(await withDrainLease(lease, async (report) => {
            // A call that is turned away needs nothing of it.
            const { deliver } = await import("./engine.ts");
            await deliver({ access, rpc, lease, project, ending }, report);
          })),
        }),
      }),
    );
    return cronAnswer(settings);
  }),
};
