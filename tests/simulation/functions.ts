import { SEED_IDS } from "../../dev/amocrm-simulator/account/account-seed.ts";
import { DEFAULT_CLIENT } from "../../dev/amocrm-simulator/settings.ts";
import type { IssuedPair } from "../../dev/amocrm-simulator/traffic/tokens.ts";
import { createAmocrmClient } from "../../supabase/functions/_shared/amocrm/client.ts";
import type { AmocrmClient } from "../../supabase/functions/_shared/amocrm/client-port.ts";
import { createHostFinder } from "../../supabase/functions/_shared/amocrm/host-finder.ts";
import { createHttpTransport } from "../../supabase/functions/_shared/amocrm/http-transport.ts";
import { createTokenEndpoint } from "../../supabase/functions/_shared/amocrm/token-endpoint.ts";
import type { Slots } from "../../supabase/functions/_shared/amocrm/transport.ts";
import { drain } from "../../supabase/functions/_shared/drain/drain.ts";
import { createPacer } from "../../supabase/functions/_shared/drain/pacer.ts";
import { runConfigured } from "../../supabase/functions/_shared/drain/run-configured.ts";
import { runDrain } from "../../supabase/functions/_shared/drain/run-drain.ts";
import { handlers } from "../../supabase/functions/_shared/handlers/registry.ts";
import { runRefresh } from "../../supabase/functions/_shared/oauth/refresh-call.ts";
import type { Outbox, Pace } from "../../supabase/functions/_shared/outbox/port.ts";
import type { Log } from "../../supabase/functions/_shared/platform/log.ts";
import { type AmocrmAccess, parseSettings } from "../../supabase/functions/_shared/platform/settings.ts";
import { pull } from "../../supabase/functions/_shared/pull/pull.ts";
import {
  createHeartbeat,
  createOutboxStore,
  createPaceStore,
} from "../../supabase/functions/_shared/store/outbox-store.ts";
import { createPullPaceStore, createPullStore } from "../../supabase/functions/_shared/store/pull-store.ts";
import { createRequestLog } from "../../supabase/functions/_shared/store/request-log-store.ts";
import type { Rpc } from "../../supabase/functions/_shared/store/rpc.ts";
import { createTokenStore } from "../../supabase/functions/_shared/store/token-store.ts";
import type { TokenParts } from "../../supabase/functions/_shared/tokens/port.ts";
import { tokensFor } from "../../supabase/functions/_shared/tokens/tokens-for.ts";
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

/** What a mutant may put in place of the real parts. */
export interface Surgery {
  /** Called before each run. */
  beginRun?(): void;
  outbox?(outbox: Outbox): Outbox;
  pace?(pace: Pace): Pace;
  client?(client: AmocrmClient): AmocrmClient;
}

/** One call of an edge function: its process, and the variables that it was started with. */
export interface Call {
  worker: Worker;
  seed: number;
  /** The long-lived token; null where an integration is connected by OAuth. */
  accessToken: string | null;
  surgery: Surgery;
  /** Tells what the function itself did not expect. */
  violate(text: string): void;
}

/** What amocrm-drain does when it is called (supabase/functions/amocrm-drain/index.ts). */
export async function callDrain(call: Call): Promise<void> {
  const { worker, surgery } = call;
  const random = createChance(call.seed, `${worker.name} random`);
  const outbox = createOutboxStore(worker.rpc);
  const pace = createPaceStore(worker.rpc);
  await surviving(call, () =>
    runDrain({
      settings: settingsOf(call),
      heartbeat: createHeartbeat(worker.rpc, "amocrm-drain"),
      log: logOf(call, "drain_failed"),
      drain: (access) =>
        drain({
          outbox: surgery.outbox?.(outbox) ?? outbox,
          pace: surgery.pace?.(pace) ?? pace,
          connect: (slots) => connect(call, access, { slots, pace }),
          requestLog: createRequestLog(worker.rpc, worker.name, worker.clock.nowMs, () => undefined),
          handlers,
          clock: worker.clock,
          random: random.next,
          log: () => undefined,
          newToken: random.uuid,
        }),
    }),
  );
}

/** What amocrm-pull does when it is called (supabase/functions/amocrm-pull/index.ts). */
export async function callPull(call: Call): Promise<void> {
  const { worker, surgery } = call;
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
          pace: surgery.pace?.(pace) ?? pace,
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

function settingsOf({ accessToken }: Call) {
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
  const tokens = tokensFor(access, tokenParts(call, asking));
  const { slots } = asking;
  const client = createAmocrmClient(createHttpTransport({ baseUrl: BASE_URL, fetch, slots, tokens, clock }));
  return call.surgery.client?.(client) ?? client;
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
    clock,
    log,
  };
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
