import { withSupabase } from "@supabase/server";
import { createAccountAccess } from "../_shared/admin/account-access.ts";
import { answerAdmin } from "../_shared/admin/endpoint.ts";
import { perform } from "../_shared/admin/perform.ts";
import { integrationOf } from "../_shared/oauth/integration.ts";
import { connectAmocrm } from "../_shared/platform/amocrm-connection.ts";
import { systemClock, systemSecretBytes } from "../_shared/platform/clock.ts";
import { consoleLog as log } from "../_shared/platform/log.ts";
import { createSecrets } from "../_shared/platform/one-time-secret.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { isSecretKey } from "../_shared/platform/project-keys.ts";
import { environment } from "../_shared/platform/runtime.ts";
import { missingForOAuth, parseSettings } from "../_shared/platform/settings.ts";
import { createAdminStore } from "../_shared/store/admin-store.ts";
import { createConnectionReader, createConsentStore } from "../_shared/store/oauth-store.ts";
import { createOutboxStore, createPaceStore } from "../_shared/store/outbox-store.ts";
import { createRpc } from "../_shared/store/rpc.ts";
import { createTokenStore } from "../_shared/store/token-store.ts";
import { tokensFor } from "../_shared/tokens/tokens-for.ts";

/** Called by the operator's command with a secret key, or by a signed-in admin. Answers when the work is done. */
export default {
  fetch: withSupabase(
    { auth: ["secret:*", "user"], cors: "disabled", errors: { detailed: false } },
    async (request, context) => {
      const { authMode, authKeyName, userClaims, supabaseAdmin } = context;
      const caller = {
        mode: authMode,
        name: authKeyName ?? userClaims?.id ?? null,
        role: userClaims?.appMetadata?.["role"],
      };
      return answerAdmin(request, caller, log, (order) => {
        const rpc = createRpc(supabaseAdmin);
        const variables = environment();
        const settings = parseSettings(variables);
        const pace = createPaceStore(rpc);
        const tokens = createTokenStore(rpc, projectOf(variables));
        const account = createAccountAccess({
          settings,
          pace,
          clock: systemClock,
          connect: (access, slots) => connectAmocrm(access, { slots, store: tokens, pace, log }, tokensFor),
        });
        const store = createAdminStore(supabaseAdmin, rpc, createOutboxStore(rpc));
        return perform(
          order,
          { store, account, isSecretKey },
          {
            integration: integrationOf(settings, missingForOAuth(variables)),
            redirectUri: variables["AMOCRM_REDIRECT_URI"]?.trim() || null,
            projectUrl: variables["SUPABASE_URL"] ?? "",
            consents: createConsentStore(rpc),
            connections: createConnectionReader(rpc),
            secrets: createSecrets(systemSecretBytes),
          },
        );
      });
    },
  ),
};
