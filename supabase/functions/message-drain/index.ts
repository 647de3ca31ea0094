import { parseMailSettings } from "../_shared/mail/settings.ts";
import { CRON_CALLER, cronAnswer, refuseCaller } from "../_shared/outbox/cron-call.ts";
import { createHeartbeat } from "../_shared/outbox/heartbeat-store.ts";
import { withDrainLease } from "../_shared/outbox/lease.ts";
import { createLease } from "../_shared/outbox/lease-store.ts";
import { runConfigured } from "../_shared/outbox/run-configured.ts";
import { systemClock } from "../_shared/platform/clock.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { endingSignal, environment, workOn } from "../_shared/platform/runtime.ts";

const ending = endingSignal();

/** Called by pg_cron with the token of its door or a secret key. It answers at once, as amocrm-drain does; whether amoCRM works is no matter here. */
export default {
  fetch: serve(CRON_CALLER, async (request, context) => {
    const rpc = createRpc(context.supabaseAdmin);
    const refusal = await refuseCaller(request, context.authMode, rpc);
    if (refusal !== null) return refusal;
    const variables = environment();
    const settings = parseMailSettings(variables);
    const queue = createLease(rpc, "message", { p_project: projectOf(variables) });
    const lease = { queue, clock: systemClock, token: crypto.randomUUID() };
    workOn(
      runConfigured({
        name: "mail_drain",
        settings,
        heartbeat: createHeartbeat(rpc, "message-drain"),
        log: consoleLog,
        lacking: (access) => access.lacking,
        work: async (access) => ({
          ...(await withDrainLease(lease, async (report) => {
            // A call that is turned away needs nothing of it.
            const { deliver } = await import("./engine.ts");
            await deliver({ access, rpc, lease, ending }, report);
          })),
        }),
      }),
    );
    return cronAnswer(settings);
  }),
};
