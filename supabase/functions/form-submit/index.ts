import { withSupabase } from "@supabase/server";
import { answerForm } from "../_shared/form/endpoint.ts";
import { parseFormSettings } from "../_shared/form/settings.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { environment } from "../_shared/platform/runtime.ts";
import { createTurnstile } from "../_shared/platform/turnstile.ts";
import { createFormStore } from "../_shared/store/form-store.ts";
import { createRpc } from "../_shared/store/rpc.ts";

/** Called by anybody, from a page in any place: what lets a visitor in is the token of the captcha. */
export default {
  fetch: withSupabase(
    { auth: "none", cors: "default", errors: { detailed: false } },
    async (request, { supabaseAdmin }) => {
      const parsed = parseFormSettings(environment());
      if (parsed.state === "unconfigured") {
        consoleLog("error", "form_unconfigured", { missing: parsed.missing });
        const { missing, message } = parsed;
        return Response.json(
          { code: "unconfigured", message, missing, details: null, hint: null },
          { status: 503 },
        );
      }
      return answerForm(request, {
        captcha: createTurnstile(parsed.settings, () => crypto.randomUUID()),
        store: createFormStore(createRpc(supabaseAdmin)),
        log: consoleLog,
      });
    },
  ),
};
