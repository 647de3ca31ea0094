import { connectUnisender } from "../_shared/loyalty/unisender-connection.ts";
import { deliverToUnisender } from "../_shared/loyalty/unisender-drain.ts";
import { parseUnisenderSettings } from "../_shared/loyalty/unisender-settings.ts";
import { createUnisenderQueue } from "../_shared/loyalty/unisender-store.ts";
import { CRON_CALLER, cronAnswer, refuseCaller } from "../_shared/outbox/cron-call.ts";
import { runConfigured } from "../_shared/outbox/run-configured.ts";
import { createHeartbeat, createQueuePaceStore } from "../_shared/outbox/store.ts";
import { systemClock, systemRandom } from "../_shared/platform/clock.ts";
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
    workOn(
      runConfigured({
        name: "unisender_drain",
        settings,
        heartbeat: createHeartbeat(rpc, "unisender-drain"),
        log: consoleLog,
        work: async (access) => ({
          ...(await deliverToUnisender({
            queue: createUnisenderQueue(rpc, project),
            pace: createQueuePaceStore(rpc, "unisender"),
            connect: (pacer) => connectUnisender(access, pacer),
            // One account may serve several projects.
            listTitle: `Loyalty ${project}`.slice(0, 90),
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
