import { withSupabase } from "@supabase/server";
import { createPacer } from "../_shared/drain/pacer.ts";
import { answerBrowser, routeOf } from "../_shared/oauth/endpoint.ts";
import { integrationOf } from "../_shared/oauth/integration.ts";
import { runRefresh } from "../_shared/oauth/refresh-call.ts";
import { tokenParts } from "../_shared/platform/amocrm-connection.ts";
import { systemClock, systemSecretBytes } from "../_shared/platform/clock.ts";
import { createConsentAccount } from "../_shared/platform/consent-account.ts";
import { cronAnswer, refuseStranger } from "../_shared/platform/cron-call.ts";
import { consoleLog as log } from "../_shared/platform/log.ts";
import { createSecrets } from "../_shared/platform/one-time-secret.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { environment, workOn } from "../_shared/platform/runtime.ts";
import { missingForOAuth, parseSettings } from "../_shared/platform/settings.ts";
import { createConnectionStore, createConsentStore } from "../_shared/store/oauth-store.ts";
import { createHeartbeat, createPaceStore } from "../_shared/store/outbox-store.ts";
import { createRpc } from "../_shared/store/rpc.ts";
import { createTokenStore } from "../_shared/store/token-store.ts";

const secrets = createSecrets(systemSecretBytes);

/** Opened in a browser at `/start` and `/callback`; called by cron at `/refresh`, with a secret key. */
export default {
  fetch: withSupabase(
    { auth: ["secret:*", "user", "none"], cors: "disabled", errors: { detailed: false } },
    async (request, { authMode, userClaims, supabaseAdmin }) => {
      const rpc = createRpc(supabaseAdmin);
      const variables = environment();
      const settings = parseSettings(variables);
      const pace = createPaceStore(rpc);
      const store = createTokenStore(rpc, projectOf(variables));
      const slots = createPacer(pace, systemClock, null);
      if (routeOf(request) === "refresh") {
        const refusal = refuseStranger(request, authMode);
        if (refusal !== null) return refusal;
        const heartbeat = createHeartbeat(rpc, "amocrm-oauth");
        const parts = { slots, store, pace, log };
        workOn(runRefresh({ settings, heartbeat, log, partsOf: (access) => tokenParts(access, parts) }));
        return cronAnswer(settings);
      }
      const consents = createConsentStore(rpc);
      return answerBrowser(request, {
        integration: integrationOf(settings, missingForOAuth(variables)),
        visitor: { role: userClaims === null ? null : { value: userClaims.appMetadata?.["role"] } },
        log,
        start: (integration) => ({ integration, consents, secrets }),
        callback: (integration) => ({
          integration,
          consents,
          secrets,
          connections: createConnectionStore(rpc, store),
          ...createConsentAccount(settings, slots, pace),
        }),
      });
    },
  ),
};
