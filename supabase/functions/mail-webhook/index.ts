import { withSupabase } from "@supabase/server";
import { answerWebhook } from "../_shared/mail/webhook.ts";
import { systemClock } from "../_shared/platform/clock.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { environment } from "../_shared/platform/runtime.ts";
import { createMailEvents } from "../_shared/store/mail-store.ts";
import { createRpc } from "../_shared/store/rpc.ts";

/** Called by Resend, which proves itself by a signature and not by a key of this project. */
export default {
  fetch: withSupabase({ auth: "none", cors: "disabled" }, (request, context) =>
    answerWebhook(request, {
      secret: environment()["RESEND_WEBHOOK_SECRET"],
      events: createMailEvents(createRpc(context.supabaseAdmin)),
      clock: systemClock,
      log: consoleLog,
    }),
  ),
};
