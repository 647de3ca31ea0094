import { createFormStore, createTurnstile } from "../_shared/leads/adapters.ts";
import { answerForm, parseFormSettings } from "../_shared/leads/form.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment } from "../_shared/platform/runtime.ts";

/** Called by anybody, from a page in any place: what lets a visitor in is the token of the captcha. */
export default {
  fetch: serve({ readsSecretKeys: false, hasCors: true }, async (request, { supabaseAdmin }) => {
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
  }),
};
