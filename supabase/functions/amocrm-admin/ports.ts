import type { SupabaseContext } from "@supabase/server";
import { createAccountAccess } from "../_shared/admin/account-access.ts";
import type { PerformPorts } from "../_shared/admin/perform.ts";
import type { RequestLog } from "../_shared/amocrm/request-log.ts";
import { integrationOf } from "../_shared/oauth/integration.ts";
import { connectAmocrm } from "../_shared/platform/amocrm-connection.ts";
import { systemClock, systemSecretBytes } from "../_shared/platform/clock.ts";
import { consoleLog as log } from "../_shared/platform/log.ts";
import { createSecrets } from "../_shared/platform/one-time-secret.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { isSecretKey } from "../_shared/platform/project-keys.ts";
import { watchRemoteClock } from "../_shared/platform/remote-clock.ts";
import { missingForOAuth, parseSettings } from "../_shared/platform/settings.ts";
import { createAdminStore } from "../_shared/store/admin-store.ts";
import { createDoctorStore, createFindStore } from "../_shared/store/doctor-store.ts";
import { createMessageStore } from "../_shared/store/message-store.ts";
import { createConnectionReader, createConsentStore } from "../_shared/store/oauth-store.ts";
import { createOutboxStore, createPaceStore } from "../_shared/store/outbox-store.ts";
import { createRequestLog } from "../_shared/store/request-log-store.ts";
import { createRpc } from "../_shared/store/rpc.ts";
import { createTokenStore } from "../_shared/store/token-store.ts";
import { tokensFor } from "../_shared/tokens/tokens-for.ts";

/** Everything that the actions may use, made of the real parts for one call. */
export function portsOf(
  supabaseAdmin: SupabaseContext["supabaseAdmin"],
  variables: Readonly<Record<string, string | undefined>>,
): PerformPorts & { requestLog: RequestLog } {
  const rpc = createRpc(supabaseAdmin);
  const settings = parseSettings(variables);
  const pace = createPaceStore(rpc);
  const project = projectOf(variables);
  const tokens = createTokenStore(rpc, project);
  const { fetch, offsetMs } = watchRemoteClock(globalThis.fetch, systemClock);
  const requestLog = createRequestLog(rpc, "amocrm-admin", systemClock.nowMs, log);
  return {
    requestLog,
    store: createAdminStore(supabaseAdmin, rpc, createOutboxStore(rpc)),
    account: createAccountAccess({
      settings,
      pace,
      clock: systemClock,
      requestLog,
      connect: (access, slots) =>
        connectAmocrm(access, { slots, store: tokens, pace, log, requestLog, fetch }, tokensFor),
    }),
    isSecretKey,
    doctorStore: createDoctorStore(rpc),
    findStore: createFindStore(rpc),
    messageStore: createMessageStore(supabaseAdmin, rpc),
    environment: variables,
    project,
    clock: systemClock,
    accountClockOffsetMs: offsetMs,
    connecting: {
      integration: integrationOf(settings, missingForOAuth(variables)),
      redirectUri: variables["AMOCRM_REDIRECT_URI"]?.trim() || null,
      projectUrl: variables["SUPABASE_URL"] ?? "",
      consents: createConsentStore(rpc),
      connections: createConnectionReader(rpc),
      secrets: createSecrets(systemSecretBytes),
    },
  };
}
