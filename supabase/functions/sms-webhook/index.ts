import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment } from "../_shared/platform/runtime.ts";
import { createSmsHints } from "../_shared/sms/store.ts";
import { answerSmsWebhook } from "../_shared/sms/webhook.ts";

/** Called by Mobizon, which proves itself by a sign and not by a key of this project. */
export default {
  fetch: serve({ readsSecretKeys: false }, (request, context) =>
    answerSmsWebhook(request, {
      secret: environment()["MOBIZON_WEBHOOK_SECRET"],
      hints: createSmsHints(createRpc(context.supabaseAdmin)),
      log: consoleLog,
    }),
  ),
};
