import { withSupabase } from "@supabase/server";
import "../_shared/platform/pinned-packages.ts";
import { createHookStore } from "../_shared/amocrm/adapters.ts";
import { answerHook } from "../_shared/amocrm/webhook.ts";
import { DATA_API } from "../_shared/platform/data-api.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";

/** Called by amoCRM, which has a secret in the address and no key of this project. */
export default {
  fetch: withSupabase({ ...DATA_API, auth: "none", cors: "disabled" }, (request, context) =>
    answerHook(request, { store: createHookStore(createRpc(context.supabaseAdmin)), log: consoleLog }),
  ),
};
