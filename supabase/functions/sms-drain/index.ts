import { CRON_CALLER, cronAnswer, refuseCaller } from "../_shared/outbox/cron-call.ts";
import { runConfigured } from "../_shared/outbox/run-configured.ts";
import { createHeartbeat, createQueuePaceStore } from "../_shared/outbox/store.ts";
import { systemClock, systemRandom } from "../_shared/platform/clock.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { endingSignal, environment, workOn } from "../_shared/platform/runtime.ts";
import { connectMobizon } from "../_shared/sms/connection.ts";
import { deliverSms } from "../_shared/sms/deliver.ts";
import { parseSmsSettings } from "../_shared/sms/settings.ts";
import { createSmsQueue } from "../_shared/sms/store.ts";
import { composers } from "./composers.ts";

const ending = endingSignal();

/** Called by pg_cron with the token of its door or a secret key. It answers at once; whether amoCRM works is no matter here. */
export default {
  fetch: serve(CRON_CALLER, async (request, context) => {
    const rpc = createRpc(context.supabaseAdmin);
    const refusal = await refuseCaller(request, context.authMode, rpc);
    if (refusal !== null) return refusal;
    const variables = environment();
    const settings = parseSmsSettings(variables);
    workOn(
      runConfigured({
        name: "sms_drain",
        settings,
        heartbeat: createHeartbeat(rpc, "sms-drain"),
        log: consoleLog,
        work: async (access) => ({
          ...(await deliverSms({
            queue: createSmsQueue(rpc, projectOf(variables)),
            pace: createQueuePaceStore(rpc, "sms"),
            connect: (pacer) => connectMobizon(access, pacer),
            composers,
            variables,
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
