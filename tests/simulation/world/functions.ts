import { createHash } from "node:crypto";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { DEFAULT_CLIENT } from "#dev/amocrm-simulator/settings.ts";
import type { IssuedPair } from "#dev/amocrm-simulator/traffic/tokens.ts";
import { handlers } from "#functions/amocrm-drain/handlers.ts";
import { askAccount, askSession } from "#shared/amocrm/api/account-connection.ts";
import { createAmocrmClient } from "#shared/amocrm/api/client.ts";
import type { AmocrmClient } from "#shared/amocrm/api/client-port.ts";
import { createHttpTransport } from "#shared/amocrm/api/http-transport.ts";
import { createRequestLog } from "#shared/amocrm/api/request-log-store.ts";
import { createSessionTransport } from "#shared/amocrm/api/session-transport.ts";
import { type DrainPorts, drain } from "#shared/amocrm/drain/drain.ts";
import type { Outbox } from "#shared/amocrm/drain/port.ts";
import { createOutboxStore } from "#shared/amocrm/drain/store.ts";
import { runRefresh } from "#shared/amocrm/oauth/refresh-call.ts";
import { pull } from "#shared/amocrm/pull/pull.ts";
import { createPullStore } from "#shared/amocrm/pull/store.ts";
import { type AmocrmAccess, parseSettings, type SessionAccess } from "#shared/amocrm/settings.ts";
import { claimsOf } from "#shared/amocrm/tokens/claims.ts";
import { createHostFinder } from "#shared/amocrm/tokens/host-finder.ts";
import type { TokenParts } from "#shared/amocrm/tokens/port.ts";
import { createAdmission } from "#shared/amocrm/tokens/session-admission.ts";
import { createTokenStore } from "#shared/amocrm/tokens/store.ts";
import { createTokenEndpoint } from "#shared/amocrm/tokens/token-endpoint.ts";
import { tokensFor } from "#shared/amocrm/tokens/tokens-for.ts";
import { createHeartbeat } from "#shared/outbox/heartbeat-store.ts";
import { withDrainLease } from "#shared/outbox/lease.ts";
import { createLease } from "#shared/outbox/lease-store.ts";
import { createPacer } from "#shared/outbox/pacer.ts";
import type { Pace } from "#shared/outbox/port.ts";
import { runConfigured } from "#shared/outbox/run-configured.ts";
import type { Slots } from "#shared/outbox/slots.ts";
import { createPaceStore, createPullPaceStore } from "#shared/outbox/store.ts";
import type { Fetch } from "#shared/platform/http/exchange.ts";
import type { Log } from "#shared/platform/log.ts";
import type { Rpc } from "#shared/platform/rpc.ts";
import { createChance } from "./chance.ts";
import { SIMULATED, type Worker } from "./worker.ts";

const BASE_URL = "https://sim.amocrm.ru";
const PROJECT = "ref.supabase.co";
/** The integration that the simulated account knows. */
const APP = DEFAULT_CLIENT;

/** What the admin's consent brings: another pair, as amocrm-oauth stores it. */
export async function storeConsent(rpc: Rpc, pair: IssuedPair): Promise<void> {
  await createTokenStore(rpc, PROJECT).connect(
    { accessToken: pair.access_token, refreshToken: pair.refresh_token, expiresInSeconds: pair.expires_in },
    { host: BASE_URL, accountId: SEED_IDS.account, subdomain: "sim" },
  );
}

/** What setup does with a long-lived token: from then on it is known whose account this is. */
export async function noteToken(rpc: Rpc, token: string): Promise<void> {
  const note = await createTokenStore(rpc, PROJECT).noteLongLived({
    host: BASE_URL,
    ...claimsOf(token),
    fingerprint: fingerprintOf(token),
  });
  if (note.outcome !== "granted") throw new Error(`Cannot prepare the token: it is ${note.outcome}`);
}

/** What a mutant may put in place of the real parts. */
export interface Sabotage {
  /** Called before each run. */
  beginRun?(): void;
  outbox?(outbox: Outbox): Outbox;
  pace?(pace: Pace): Pace;
  client?(client: AmocrmClient): AmocrmClient;
  fetch?(fetch: Fetch): Fetch;
  /** The text of a call as the database gets it. */
  call?(json: string): string;
}

/** One call of an edge function: its process, and the variables that it was started with. */
export interface Call {
  worker: Worker;
  seed: number;
  /** The long-lived token; null where an integration is connected by OAuth. */
  accessToken: string | null;
  /** The session service, where there is neither. */
  session: SessionAccess | null;
  sabotage: Sabotage;
  /** Tells what the function itself did not expect. */
  violate(text: string): void;
}

/** What amocrm-drain does when it is called (supabase/functions/amocrm-drain/index.ts). */
export async function callDrain(call: Call): Promise<void> {
  const { worker, sabotage } = call;
  const random = createChance(call.seed, `${worker.name} random`);
  const outbox = createOutboxStore(worker.rpc);
  const pace = createPaceStore(worker.rpc);
  await surviving(call, () =>
    runConfigured({
      name: "drain",
      settings: settingsOf(call),
      heartbeat: createHeartbeat(worker.rpc, "amocrm-drain"),
      log: logOf(call, "drain_failed"),
      work: async (access) => {
        const lease = { queue: createLease(worker.rpc, "amocrm"), clock: worker.clock, token: random.uuid() };
        const ports: DrainPorts = {
          lease,
          outbox: sabotage.outbox?.(outbox) ?? outbox,
          pace: sabotage.pace?.(pace) ?? pace,
          connect: (slots) => connect(call, access, { slots, pace }),
          requestLog: createRequestLog(worker.rpc, worker.name, worker.clock.nowMs, () => undefined),
          handlers,
          random: random.next,
          log: () => undefined,
        };
        return { ...(await withDrainLease(lease, (report) => drain(ports, report))) };
      },
    }),
  );
}

/** What amocrm-pull does when it is called (supabase/functions/amocrm-pull/index.ts). */
export async function callPull(call: Call): Promise<void> {
  const { worker, sabotage } = call;
  const random = createChance(call.seed, `${worker.name} random`);
  const pace = createPullPaceStore(worker.rpc);
  await surviving(call, () =>
    runConfigured({
      name: "pull",
      settings: settingsOf(call),
      heartbeat: createHeartbeat(worker.rpc, "amocrm-pull"),
      log: logOf(call, "pull_failed"),
      work: async (access) => ({
        ...(await pull({
          pulls: createPullStore(worker.rpc),
          pace: sabotage.pace?.(pace) ?? pace,
          storePipelines: (pipelines) => createOutboxStore(worker.rpc).storePipelines(pipelines),
          connect: (slots) => connect(call, access, { slots, pace }),
          requestLog: createRequestLog(worker.rpc, worker.name, worker.clock.nowMs, () => undefined),
          clock: worker.clock,
          random: random.next,
          log: () => undefined,
          newToken: random.uuid,
        })),
      }),
    }),
  );
}

/** What amocrm-oauth/refresh does when cron calls it ahead of a token's end (supabase/functions/amocrm-oauth/index.ts). */
export async function callRefresh(call: Call): Promise<void> {
  const { worker } = call;
  const pace = createPaceStore(worker.rpc);
  await surviving(call, () =>
    runRefresh({
      settings: settingsOf(call),
      heartbeat: createHeartbeat(worker.rpc, "amocrm-oauth"),
      log: logOf(call, "refresh_failed"),
      partsOf: () => tokenParts(call, { slots: createPacer(pace, worker.clock, null), pace }),
    }),
  );
}

function settingsOf({ accessToken, session }: Call) {
  if (session !== null)
    return parseSettings({ AMOCRM_PLAYWRIGHT_URL: session.url, AMOCRM_PLAYWRIGHT_SECRET: session.secret });
  return parseSettings({
    AMOCRM_BASE_URL: BASE_URL,
    AMOCRM_ACCESS_TOKEN: accessToken ?? undefined,
    AMOCRM_CLIENT_ID: APP.client_id,
    AMOCRM_CLIENT_SECRET: APP.client_secret,
    AMOCRM_REDIRECT_URI: APP.redirect_uri,
  });
}

/** As connectAmocrm does (platform/amocrm-connection.ts), over this world's clock and network. */
function connect(call: Call, access: AmocrmAccess, asking: { slots: Slots; pace: Pace }): AmocrmClient {
  const { fetch, clock } = call.worker;
  const { slots } = asking;
  const transport =
    access.session === null
      ? createHttpTransport({
          baseUrl: BASE_URL,
          fetch,
          slots,
          tokens: tokensFor(access, tokenParts(call, asking)),
          clock,
        })
      : sessionTransport(call, access.session, slots);
  const client = createAmocrmClient(transport);
  return call.sabotage.client?.(client) ?? client;
}

function sessionTransport({ worker }: Call, session: SessionAccess, slots: Slots) {
  const { fetch, clock } = worker;
  const http = { session, slots, fetch, clock };
  const requestLog = createRequestLog(worker.rpc, worker.name, clock.nowMs, () => undefined);
  const admission = createAdmission(session, null, {
    store: createTokenStore(worker.rpc, PROJECT),
    fingerprint: async (text) => fingerprintOf(text),
    whose: () => askSession({ ...http, requestLog }),
  });
  return createSessionTransport({ ...http, admission });
}

function tokenParts({ worker }: Call, { slots, pace }: { slots: Slots; pace: Pace }): TokenParts {
  const { fetch, clock } = worker;
  const http = { baseUrl: BASE_URL, slots, fetch, clock };
  const store = createTokenStore(worker.rpc, PROJECT);
  const log: Log = () => undefined;
  return {
    store,
    endpointOf: (app) => createTokenEndpoint({ ...http, app, pace }),
    hosts: createHostFinder({ ...http, moves: store, log }),
    async whose(host, accessToken) {
      const requestLog = createRequestLog(worker.rpc, worker.name, clock.nowMs, () => undefined);
      const answer = await askAccount({ ...http, requestLog }, host, accessToken);
      return answer.verdict === "delivered"
        ? { ok: true, accountId: answer.value.id }
        : { ok: false, code: answer.fault.causeCode ?? answer.fault.code, message: answer.fault.message };
    },
    // Not the runtime's own, which is done on a thread beside and would make two runs differ.
    fingerprint: async (text) => fingerprintOf(text),
    clock,
    log,
  };
}

function fingerprintOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

function logOf({ worker, violate }: Call, failed: string): Log {
  return (_level, event, facts) => {
    const message = String((facts as { message?: unknown } | undefined)?.message ?? "");
    if (event === failed && !message.startsWith(SIMULATED)) violate(`${worker.name} failed: ${message}`);
  };
}

async function surviving({ worker, violate }: Call, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => {
    // Also the heartbeat may fail; then the platform's log has it.
    const message = error instanceof Error ? error.message : String(error);
    if (!message.startsWith(SIMULATED)) violate(`${worker.name} threw: ${message}`);
  });
}
