import { withSupabase } from "@supabase/server";
import { runConfigured } from "../_shared/drain/run-configured.ts";
import { deliverMails } from "../_shared/mail/deliver.ts";
import { composers } from "../_shared/mail/kinds.ts";
import { parseMailSettings } from "../_shared/mail/settings.ts";
import { systemClock, systemRandom } from "../_shared/platform/clock.ts";
import { CRON_CALLER, cronAnswer } from "../_shared/platform/cron-call.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { connectResend } from "../_shared/platform/resend-connection.ts";
import { endingSignal, environment, workOn } from "../_shared/platform/runtime.ts";
import { createMailQueue } from "../_shared/store/mail-store.ts";
import { createHeartbeat, createPaceStore } from "../_shared/store/outbox-store.ts";
import { createRpc } from "../_shared/store/rpc.ts";

const ending = endingSignal();

/** Called by pg_cron with a secret key. It answers at once, as amocrm-drain does; whether amoCRM works is no matter here. */
export default {
  fetch: withSupabase(CRON_CALLER, async (request, context) => {
    if (request.method !== "POST") return Response.json({ code: "method_not_allowed" }, { status: 405 });
    const rpc = createRpc(context.supabaseAdmin);
    const settings = parseMailSettings(environment());
    workOn(
      runConfigured({
        name: "mail_drain",
        settings,
        heartbeat: createHeartbeat(rpc, "message-drain"),
        log: consoleLog,
        lacking: (access) => access.lacking,
        work: async (access) => ({
          ...(await deliverMails({
            queue: createMailQueue(rpc),
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
