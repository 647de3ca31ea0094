import { withSupabase } from "@supabase/server";
import "../_shared/platform/pinned-packages.ts";
import { createInbox } from "../_shared/inbox/store.ts";
import { answerTelegramEvents } from "../_shared/loyalty/telegram-events.ts";
import { DATA_API } from "../_shared/platform/data-api.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment } from "../_shared/platform/runtime.ts";

/** Called by Telegram, which proves itself by a secret in a header and not by a key of this project. */
export default {
  fetch: withSupabase({ ...DATA_API, auth: "none", cors: "disabled" }, (request, context) =>
    answerTelegramEvents(request, {
      environment: environment(),
      inbox: createInbox(createRpc(context.supabaseAdmin), "telegram"),
      log: consoleLog,
    }),
  ),
};
