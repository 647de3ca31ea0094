import type { SupabaseContext } from "@supabase/server";
import {
  createAdminStore,
  createDecisionStore,
  createDoctorStore,
  createFindStore,
  createFormsStore,
  createHookReport,
  createLinksStore,
  createMessageStore,
  createSequencesStore,
  createSmsStore,
} from "../_shared/admin/adapters.ts";
import type { PerformPorts } from "../_shared/admin/perform.ts";
import { createAccountAccess } from "../_shared/amocrm/access.ts";
import {
  createConnectionReader,
  createConsentStore,
  createPlanStore,
  queueOf,
} from "../_shared/amocrm/adapters.ts";
import type { RequestLog } from "../_shared/amocrm/api.ts";
import {
  admissionParts,
  connectAmocrm,
  createRequestLog,
  createTokenStore,
  tokenParts,
} from "../_shared/amocrm/connection.ts";
import { createOutboxStore } from "../_shared/amocrm/drain-connection.ts";
import { integrationOf } from "../_shared/amocrm/oauth.ts";
import { createSubscriptionStore } from "../_shared/amocrm/pull-connection.ts";
import { missingForOAuth, parseSettings } from "../_shared/amocrm/settings.ts";
import { tellHandlers } from "../_shared/amocrm/tell.ts";
import { switchToLongLived, switchToSession, tokensFor } from "../_shared/amocrm/tokens.ts";
import { leadHandlers } from "../_shared/leads/handlers.ts";
import { linkAddress } from "../_shared/links/address.ts";
import { parseQticketsSettings } from "../_shared/loyalty/settings.ts";
import { parseTimepadSettings } from "../_shared/loyalty/timepad-settings.ts";
import { parseUnisenderSettings } from "../_shared/loyalty/unisender-settings.ts";
import { parseMailSettings } from "../_shared/mail/settings.ts";
import { createPacer } from "../_shared/outbox/pacer.ts";
import { createPaceStore } from "../_shared/outbox/store.ts";
import { systemClock, systemSecretBytes } from "../_shared/platform/clock.ts";
import { consoleLog as log } from "../_shared/platform/log.ts";
import { outsideFetch } from "../_shared/platform/outside-fetch.ts";
import { functionAddress, projectOf } from "../_shared/platform/project.ts";
import { watchRemoteClock } from "../_shared/platform/remote-clock.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { createSecrets } from "../_shared/platform/secrets.ts";
import { schoolHandlers } from "../_shared/school/handlers.ts";
import { parseSmsSettings } from "../_shared/sms/settings.ts";

const NOT_LONG_LIVED =
  "AMOCRM_ACCESS_TOKEN is not set. With OAuth the account changes by: npm run amocrm -- connect --switch";

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
  const { fetch, offsetMs } = watchRemoteClock(outsideFetch, systemClock);
  const requestLog = createRequestLog(rpc, "amocrm-admin", systemClock.nowMs, log);
  const store = createAdminStore(supabaseAdmin, rpc, createOutboxStore(rpc));
  return {
    requestLog,
    store,
    async standing() {
      const [health, incidents] = await Promise.all([store.health(), store.openAlerts()]);
      return { quarantined_count: health.quarantined_count, incidents };
    },
    account: createAccountAccess({
      settings,
      pace,
      clock: systemClock,
      requestLog,
      connect: (access, slots) =>
        connectAmocrm(access, { slots, store: tokens, pace, log, requestLog, fetch }, tokensFor),
    }),
    async switchAccount() {
      if (settings.state !== "ready") {
        return {
          ok: false,
          message: settings.state === "disabled" ? "AMOCRM_ENABLED is false" : settings.message,
        };
      }
      const { accessToken, baseUrl, session } = settings.access;
      const slots = createPacer(pace, systemClock, null);
      const asking = { slots, store: tokens, pace, log, requestLog };
      if (session !== null) return await switchToSession(session, baseUrl, admissionParts(session, asking));
      if (accessToken === null || baseUrl === null) return { ok: false, message: NOT_LONG_LIVED };
      const parts = tokenParts(settings.access, asking);
      return await switchToLongLived(accessToken, baseUrl, parts);
    },
    doctorStore: createDoctorStore(rpc),
    findStore: createFindStore(rpc),
    messageStore: createMessageStore(supabaseAdmin, rpc),
    decisions: createDecisionStore(supabaseAdmin, rpc),
    formsStore: createFormsStore(supabaseAdmin, rpc),
    linksStore: createLinksStore(supabaseAdmin, rpc, (code) => linkAddress(code, variables)),
    smsStore: createSmsStore(supabaseAdmin, rpc, (code) => linkAddress(code, variables), systemClock),
    sequencesStore: createSequencesStore(supabaseAdmin, rpc, systemClock),
    webhook: {
      hooks: { ...createSubscriptionStore(rpc), ...createHookReport(rpc) },
      secrets: createSecrets(systemSecretBytes),
    },
    planning: {
      store: createPlanStore(rpc),
      queueOf,
      handlers: { ...leadHandlers, ...schoolHandlers, ...tellHandlers },
      nowMs: systemClock.nowMs,
    },
    environment: variables,
    optionalParts: {
      mail: parseMailSettings(variables),
      sms: parseSmsSettings(variables),
      qtickets: parseQticketsSettings(variables),
      timepad: parseTimepadSettings(variables),
      unisender: parseUnisenderSettings(variables),
    },
    project,
    clock: systemClock,
    accountClockOffsetMs: offsetMs,
    connecting: {
      integration: integrationOf(settings, missingForOAuth(variables)),
      redirectUri: variables["AMOCRM_REDIRECT_URI"]?.trim() || null,
      oauthUrl: functionAddress(variables, "amocrm-oauth"),
      consents: createConsentStore(rpc),
      connections: createConnectionReader(rpc),
      secrets: createSecrets(systemSecretBytes),
    },
  };
}
