import { answerQticketsHook } from "../_shared/loyalty/qtickets-hook.ts";
import { createInbox } from "../_shared/outbox/inbox-connection.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment } from "../_shared/platform/runtime.ts";

/** Called by Qtickets, which proves itself by a signature and not by a key of this project. */
export default {
  fetch: serve({ readsSecretKeys: false }, (request, context) =>
    answerQticketsHook(request, {
      secret: environment()["QTICKETS_WEBHOOK_SECRET"],
      inbox: createInbox(createRpc(context.supabaseAdmin), "qtickets"),
      log: consoleLog,
    }),
  ),
};
