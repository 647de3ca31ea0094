import { withSupabase } from "@supabase/server";
import "../_shared/platform/pinned-packages.ts";
import { createConsentAccount } from "../_shared/amocrm/adapters.ts";
import { tokenParts } from "../_shared/amocrm/connection.ts";
import { answerBrowser, integrationOf, routeOf, runRefresh } from "../_shared/amocrm/oauth.ts";
import { type AmocrmAccess, missingForOAuth, parseSettings } from "../_shared/amocrm/settings.ts";
import { cronAnswer, refuseCaller } from "../_shared/outbox/cron-call.ts";
import { systemSecretBytes } from "../_shared/platform/clock.ts";
import { DATA_API } from "../_shared/platform/data-api.ts";
import { consoleLog as log } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment, workOn } from "../_shared/platform/runtime.ts";
import { createSecrets } from "../_shared/platform/secrets.ts";
import { portsOf } from "./ports.ts";

const secrets = createSecrets(systemSecretBytes);

/** Opened in a browser at `/start` and `/callback`; called by cron at `/refresh`, with the token of its door or a secret key. */
export default {
  fetch: withSupabase(
    { ...DATA_API, auth: ["secret:*", "user", "none"], cors: "disabled", errors: { detailed: false } },
    async (request, { authMode, userClaims, supabaseAdmin }) => {
      const variables = environment();
      const settings = parseSettings(variables);
      const { asking, heartbeat, consents, connections } = portsOf(supabaseAdmin, variables);
      const { slots, pace, requestLog } = asking;
      if (routeOf(request) === "refresh") {
        const refusal = await refuseCaller(request, authMode, createRpc(supabaseAdmin));
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
