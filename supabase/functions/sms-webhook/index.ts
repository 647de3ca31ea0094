import { withSupabase } from "@supabase/server";
import "../_shared/platform/pinned-packages.ts";
import { DATA_API } from "../_shared/platform/data-api.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment } from "../_shared/platform/runtime.ts";
import { createSmsHints } from "../_shared/sms/store.ts";
import { answerSmsWebhook } from "../_shared/sms/webhook.ts";

/** Called by Mobizon, which proves itself by a sign and not by a key of this project. */
export default {
  fetch: withSupabase({ ...DATA_API, auth: "none", cors: "disabled" }, (request, context) =>
    answerSmsWebhook(request, {
      secret: environment()["MOBIZON_WEBHOOK_SECRET"],
      hints: createSmsHints(createRpc(context.supabaseAdmin)),
      log: consoleLog,
    }),
  ),
};
