import { connectResend } from "../_shared/mail/connection.ts";
import { deliverMails } from "../_shared/mail/deliver.ts";
import { parseMailSettings } from "../_shared/mail/settings.ts";
import { createMailQueue } from "../_shared/mail/store.ts";
import { CRON_CALLER, cronAnswer, refuseCaller } from "../_shared/outbox/cron-call.ts";
import { runConfigured } from "../_shared/outbox/run-configured.ts";
import { createHeartbeat, createPaceStore } from "../_shared/outbox/store.ts";
import { systemClock, systemRandom } from "../_shared/platform/clock.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { endingSignal, environment, workOn } from "../_shared/platform/runtime.ts";
import { composers } from "./composers.ts";

const ending = endingSignal();

/** Called by pg_cron with the token of its door or a secret key. It answers at once, as amocrm-drain does; whether amoCRM works is no matter here. */
export default {
  fetch: serve(CRON_CALLER, async (request, context) => {
    const rpc = createRpc(context.supabaseAdmin);
    const refusal = await refuseCaller(request, context.authMode, rpc);
    if (refusal !== null) return refusal;
    const variables = environment();
    const settings = parseMailSettings(variables);
    workOn(
      runConfigured({
        name: "mail_drain",
        settings,
        heartbeat: createHeartbeat(rpc, "message-drain"),
        log: consoleLog,
        lacking: (access) => access.lacking,
        work: async (access) => ({
          ...(await deliverMails({
            queue: createMailQueue(rpc, projectOf(variables)),
            pace: createPaceStore(rpc, "message"),
            connect: (pacer) => connectResend(access, pacer),
            composers,
            sender: access.sender,
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
