import { randomUUID } from "node:crypto";
import { UNLIMITED_SETTINGS } from "#dev/amocrm-simulator/settings.ts";
import { createSimulator, type Simulator, type SimulatorOptions } from "#dev/amocrm-simulator/simulator.ts";
import { handlers } from "#functions/amocrm-drain/handlers.ts";
import { createAmocrmClient } from "#shared/amocrm/api/client.ts";
import type { AmocrmClient } from "#shared/amocrm/api/client-port.ts";
import { createHttpTransport } from "#shared/amocrm/api/http-transport.ts";
import { createRequestLog } from "#shared/amocrm/api/request-log-store.ts";
import type { Tokens, Transport } from "#shared/amocrm/api/transport.ts";
import { drain } from "#shared/amocrm/drain/drain.ts";
import { createOutboxStore } from "#shared/amocrm/drain/store.ts";
import { type PullReport, pull } from "#shared/amocrm/pull/pull.ts";
import { createPullStore } from "#shared/amocrm/pull/store.ts";
import { createStaticTokens } from "#shared/amocrm/tokens/static-token.ts";
import { createSubscriptionStore } from "#shared/amocrm/webhook/subscription-store.ts";
import { heal } from "#shared/amocrm/webhook.ts";
import { type DrainReport, withDrainLease } from "#shared/outbox/lease.ts";
import { createLease } from "#shared/outbox/lease-store.ts";
import type { Pacer } from "#shared/outbox/pacer.ts";
import type { Slots } from "#shared/outbox/slots.ts";
import { createPaceStore, createPullPaceStore } from "#shared/outbox/store.ts";
import type { Clock } from "#shared/platform/clock.ts";
import type { Rpc } from "#shared/platform/rpc.ts";
import { sha256Of } from "#shared/platform/secrets.ts";
import { NOON, setTestClock } from "./clock.ts";
import type { Session, TestDatabase } from "./database.ts";
import { atHour, openRpc } from "./rpc.ts";
import { nextDueMs, takeCalls } from "./ticks.ts";

const TICK_MS = 10_000;
/** More calls than this in ten seconds are a drain that hammers. */
const MAX_CALLS_A_TICK = 60;

/** The real drain between the real database and a simulated account, at hours that the test sets. */
export interface Account {
  simulator: Simulator;
  /** One call of amocrm-drain, to its end. */
  drain(): Promise<DrainReport>;
  /** Lets time pass, and drains. */
  drainAfter(ms: number): Promise<DrainReport>;
  /** One call of amocrm-pull, to its end. */
  pull(): Promise<PullReport>;
  /** Lets time pass without anybody at work. */
  wait(ms: number): Promise<void>;
  /** The hour of the account's own clock and of everybody else's. */
  nowMs(): number;
  /** Lets time pass, and drains when cron or a bell calls, as long as there is anything to come. */
  pass(ms: number): Promise<void>;
  /** What a manager or another integration does and sees. */
  post(path: string, body: unknown): Promise<unknown>;
  get(path: string): Promise<unknown>;
  /** Method and path of each request that amoCRM got so far. */
  requests(): string[];
}

interface Sessions {
  sql: Session;
  superuser: Session;
}
const sessions = new WeakMap<TestDatabase, Sessions>();

/** The same for all accounts of a file: a server has a hundred connections. */
function sessionsOf(database: TestDatabase): Sessions {
  const known = sessions.get(database) ?? {
    sql: database.connect({ user: "authenticator", role: "service_role" }),
    superuser: database.connect({ user: "supabase_admin" }),
  };
  sessions.set(database, known);
  return known;
}

interface AccountWorld {
  simulator: Simulator;
  rpc: Rpc;
  clock: Clock;
  slots: Slots;
}

export interface AccountOptions {
  /** What handles messages instead of the real handlers. */
  handlers?: typeof handlers;
  simulator?: Pick<SimulatorOptions, "account" | "seed" | "settings" | "post" | "sleep">;
  /** How the drain comes by its token; without it a token of the account is simply there. */
  tokens?: (world: AccountWorld) => Tokens;
  /** Another way to the account than over HTTP with a token. */
  transport?: (world: AccountWorld) => Transport;
}

/** A new account for the test. Its requests take no time; what the drain sleeps passes at once. */
export async function openAccount(database: TestDatabase, options: AccountOptions = {}): Promise<Account> {
  const { sql, superuser } = sessionsOf(database);
  let nowMs = NOON.getTime();
  const clock: Clock = {
    nowMs: () => nowMs,
    // A timeout or heartbeat never strikes.
    async sleep(ms, signal) {
      if (signal !== undefined) {
        return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      }
      nowMs += ms;
    },
  };
  const simulator = createSimulator({ now: clock.nowMs, settings: UNLIMITED_SETTINGS, ...options.simulator });
  const setClock = () => setTestClock(new Date(nowMs), sql, database.sql);
  await setClock();
  const rpc = atHour(await openRpc(sql), setClock);
  const send = async (path: string, init: RequestInit): Promise<unknown> => {
    const response = await simulator.fetch(`https://sim.amocrm.ru${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${simulator.accessToken}`, "Content-Type": "application/json" },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const connect = (slots: Pacer): AmocrmClient =>
    createAmocrmClient(
      options.transport?.({ simulator, rpc, clock, slots }) ??
        createHttpTransport({
          baseUrl: "https://sim.amocrm.ru",
          fetch: simulator.fetch,
          slots,
          tokens:
            options.tokens?.({ simulator, rpc, clock, slots }) ?? createStaticTokens(simulator.accessToken),
          clock,
        }),
    );
  const account: Account = {
    simulator,
    post: (path, body) => send(path, { method: "POST", body: JSON.stringify(body) }),
    get: (path) => send(path, {}),
    drain() {
      const lease = { queue: createLease(rpc, "amocrm"), clock, token: randomUUID() };
      const ports = {
        lease,
        outbox: createOutboxStore(rpc),
        pace: createPaceStore(rpc),
        connect,
        requestLog: createRequestLog(rpc, "amocrm-drain", clock.nowMs, () => {}),
        handlers: options.handlers ?? handlers,
        random: () => 0,
        log: () => {},
      };
      return withDrainLease(lease, (report) => drain(ports, report));
    },
    async drainAfter(ms) {
      await account.wait(ms);
      return account.drain();
    },
    async wait(ms) {
      nowMs += ms;
      await setClock();
    },
    nowMs: clock.nowMs,
    pull: () =>
      pull({
        pulls: createPullStore(rpc),
        pace: createPullPaceStore(rpc),
        storePipelines: createOutboxStore(rpc).storePipelines,
        connect,
        healHooks: (ask) =>
          heal({ ask, store: createSubscriptionStore(rpc), secrets: { make: randomUUID, hash: sha256Of } }),
        requestLog: createRequestLog(rpc, "amocrm-pull", clock.nowMs, () => {}),
        clock,
        random: () => 0,
        log: () => {},
        newToken: randomUUID,
      }),
    async pass(ms) {
      const untilMs = nowMs + ms;
      while (nowMs < untilMs) {
        await setClock();
        await database.sql`select amocrm_tick()`;
        for (let callCount = 0; (await takeCalls(superuser)).length > 0; callCount++) {
          if (callCount === MAX_CALLS_A_TICK) throw new Error(`${callCount} drains in ten seconds`);
          await account.drain();
          await setClock();
        }
        // Straight to the next moment at which anything can happen, which is one of cron's.
        const dueMs = await nextDueMs(database.sql, "amocrm");
        if (dueMs === null) break;
        nowMs = Math.max(nowMs + TICK_MS, Math.ceil(dueMs / TICK_MS) * TICK_MS);
      }
      nowMs = Math.max(nowMs, untilMs);
      await setClock();
    },
    requests: () => simulator.log.entries().map(({ method, path }) => `${method} ${path}`),
  };
  return account;
}
