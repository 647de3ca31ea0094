import { answerUnisenderEvents } from "../_shared/loyalty/unisender-events.ts";
import { createUnisenderEvents } from "../_shared/loyalty/unisender-store.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment } from "../_shared/platform/runtime.ts";

/** Called by Unisender, which proves itself by a sign and not by a key of this project. */
export default {
  fetch: serve({ readsSecretKeys: false }, (request, context) =>
    answerUnisenderEvents(request, {
      apiKey: environment()["UNISENDER_API_KEY"],
      events: createUnisenderEvents(createRpc(context.supabaseAdmin)),
      log: consoleLog,
    }),
  ),
};
