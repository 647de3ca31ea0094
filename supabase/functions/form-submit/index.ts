import { withSupabase } from "@supabase/server";
import "../_shared/platform/pinned-packages.ts";
import { createFormStore, createTurnstile } from "../_shared/leads/adapters.ts";
import { answerForm, parseFormSettings } from "../_shared/leads/form.ts";
import { DATA_API } from "../_shared/platform/data-api.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment } from "../_shared/platform/runtime.ts";

/** Called by anybody, from a page in any place: what lets a visitor in is the token of the captcha. */
export default {
  fetch: withSupabase(
    { ...DATA_API, auth: "none", cors: "default", errors: { detailed: false } },
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
