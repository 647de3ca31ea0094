import { createHookStore } from "../_shared/amocrm/hook-connection.ts";
import { answerHook } from "../_shared/amocrm/webhook.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";

/** Called by amoCRM, which has a secret in the address and no key of this project. */
export default {
  fetch: serve({ readsSecretKeys: false }, (request, context) =>
    answerHook(request, { store: createHookStore(createRpc(context.supabaseAdmin)), log: consoleLog }),
  ),
};
