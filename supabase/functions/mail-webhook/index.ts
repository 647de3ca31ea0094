import { createMailEvents } from "../_shared/mail/store.ts";
import { answerWebhook } from "../_shared/mail/webhook.ts";
import { systemClock } from "../_shared/platform/clock.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment } from "../_shared/platform/runtime.ts";

/** Called by Resend, which proves itself by a signature and not by a key of this project. */
export default {
  fetch: serve({ readsSecretKeys: false }, (request, context) =>
    answerWebhook(request, {
      secret: environment()["RESEND_WEBHOOK_SECRET"],
      events: createMailEvents(createRpc(context.supabaseAdmin)),
      clock: systemClock,
      log: consoleLog,
    }),
  ),
};
