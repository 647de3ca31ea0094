import { answerVkEvents } from "../_shared/loyalty/vk-events.ts";
import { createInbox } from "../_shared/outbox/inbox-connection.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment } from "../_shared/platform/runtime.ts";

/** Called by VK, which proves itself by a secret in the body and not by a key of this project. */
export default {
  fetch: serve({ readsSecretKeys: false }, (request, context) =>
    answerVkEvents(request, {
      environment: environment(),
      inbox: createInbox(createRpc(context.supabaseAdmin), "vk"),
      log: consoleLog,
    }),
  ),
};
