import { withSupabase } from "@supabase/server";
import { answerBrowser, routeOf } from "../_shared/oauth/endpoint.ts";
import { integrationOf } from "../_shared/oauth/integration.ts";
import { runRefresh } from "../_shared/oauth/refresh-call.ts";
import { tokenParts } from "../_shared/platform/amocrm-connection.ts";
import { systemSecretBytes } from "../_shared/platform/clock.ts";
import { createConsentAccount } from "../_shared/platform/consent-account.ts";
import { cronAnswer, refuseStranger } from "../_shared/platform/cron-call.ts";
import { consoleLog as log } from "../_shared/platform/log.ts";
import { createSecrets } from "../_shared/platform/one-time-secret.ts";
import { environment, workOn } from "../_shared/platform/runtime.ts";
import { type AmocrmAccess, missingForOAuth, parseSettings } from "../_shared/platform/settings.ts";
import { portsOf } from "./ports.ts";

const secrets = createSecrets(systemSecretBytes);

/** Opened in a browser at `/start` and `/callback`; called by cron at `/refresh`, with a secret key. */
export default {
  fetch: withSupabase(
    { auth: ["secret:*", "user", "none"], cors: "disabled", errors: { detailed: false } },
    async (request, { authMode, userClaims, supabaseAdmin }) => {
      const variables = environment();
      const settings = parseSettings(variables);
      const { asking, heartbeat, consents, connections } = portsOf(supabaseAdmin, variables);
      const { slots, pace, requestLog } = asking;
      if (routeOf(request) === "refresh") {
        const refusal = refuseStranger(request, authMode);
        if (refusal !== null) return refusal;
        const partsOf = (access: AmocrmAccess) => tokenParts(access, asking);
        workOn(runRefresh({ settings, heartbeat, log, partsOf }).finally(() => requestLog.flush()));
        return cronAnswer(settings);
      }
      return answerBrowser(request, {
        integration: integrationOf(settings, missingForOAuth(variables)),
        visitor: { role: userClaims === null ? null : { value: userClaims.appMetadata?.["role"] } },
        log,
        start: (integration) => ({ integration, consents, secrets }),
        callback: (integration) => ({
          integration,
          consents,
          secrets,
          connections,
          ...createConsentAccount(settings, slots, pace, requestLog),
        }),
      }).finally(() => requestLog.flush());
    },
  ),
};
