import { withSupabase } from "@supabase/server";
import "../_shared/platform/pinned-packages.ts";
import { answerAdmin } from "../_shared/admin/endpoint.ts";
import { perform } from "../_shared/admin/perform.ts";
import { DATA_API } from "../_shared/platform/data-api.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { environment } from "../_shared/platform/runtime.ts";
import { portsOf } from "./ports.ts";

/**
 * Called by the operator's command with a secret key, or by a signed-in admin or viewer, also from the dashboard's page, which may be
 * hosted anywhere. Answers when the work is done.
 */
export default {
  fetch: withSupabase(
    { ...DATA_API, auth: ["secret:*", "user"], cors: "default", errors: { detailed: false } },
    async (request, context) => {
      const { authMode, authKeyName, userClaims, supabaseAdmin } = context;
      const caller = {
        mode: authMode,
        name: authKeyName ?? userClaims?.id ?? null,
        role: userClaims?.appMetadata?.["role"],
      };
      return answerAdmin(request, caller, consoleLog, (order) => {
        const ports = portsOf(supabaseAdmin, environment());
        return perform(order, ports).finally(() => ports.requestLog.flush());
      });
    },
  ),
};
