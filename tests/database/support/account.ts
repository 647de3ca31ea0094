import { randomUUID } from "node:crypto";
import { UNLIMITED_SETTINGS } from "../../../dev/amocrm-simulator/settings.ts";
import { createSimulator, type Simulator } from "../../../dev/amocrm-simulator/simulator.ts";
import { createAmocrmClient } from "../../../supabase/functions/_shared/amocrm/client.ts";
import { createHttpTransport } from "../../../supabase/functions/_shared/amocrm/http-transport.ts";
import { createStaticTokens } from "../../../supabase/functions/_shared/amocrm/static-token.ts";
import { drain } from "../../../supabase/functions/_shared/drain/drain.ts";
import type { DrainReport } from "../../../supabase/functions/_shared/drain/lease.ts";
import { handlers } from "../../../supabase/functions/_shared/handlers/registry.ts";
import type { Clock } from "../../../supabase/functions/_shared/platform/clock.ts";
import {
  createOutboxStore,
  createPaceStore,
} from "../../../supabase/functions/_shared/store/outbox-store.ts";
import { createRequestLog } from "../../../supabase/functions/_shared/store/request-log-store.ts";
import type { Rpc } from "../../../supabase/functions/_shared/store/rpc.ts";
import { NOON, setTestClock } from "./clock.ts";
import type { TestDatabase } from "./database.ts";
import { openRpc } from "./rpc.ts";

/** The real drain between the real database and a simulated account, at hours that the test sets. */
export interface Account {
  simulator: Simulator;
  /** One call of amocrm-drain, to its end. */
  drain(): Promise<DrainReport>;
  /** Lets time pass, and drains. */
  drainAfter(ms: number): Promise<DrainReport>;
  /** What a manager or another integration does and sees. */
  post(path: string, body: unknown): Promise<unknown>;
  get(path: string): Promise<unknown>;
  /** Method and path of each request that amoCRM got so far. */
  requests(): string[];
}

/** A new account for the test. Its requests take no time; what the drain sleeps passes at once. */
export async function openAccount(database: TestDatabase): Promise<Account> {
  const sql = database.connect({ user: "authenticator", role: "service_role" });
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
  const simulator = createSimulator({ now: clock.nowMs, settings: UNLIMITED_SETTINGS });
  const setClock = () => setTestClock(new Date(nowMs), sql, database.sql);
  await setClock();
  const call = await openRpc(sql);
  const rpc: Rpc = async (name, args) => {
    await setClock();
    return call(name, args);
  };
  const send = async (path: string, init: RequestInit): Promise<unknown> => {
    const response = await simulator.fetch(`https://sim.amocrm.ru${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${simulator.accessToken}`, "Content-Type": "application/json" },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const account: Account = {
    simulator,
    post: (path, body) => send(path, { method: "POST", body: JSON.stringify(body) }),
    get: (path) => send(path, {}),
    drain: () =>
      drain({
        outbox: createOutboxStore(rpc),
        pace: createPaceStore(rpc),
        connect: (slots) =>
          createAmocrmClient(
            createHttpTransport({
              baseUrl: "https://sim.amocrm.ru",
              fetch: simulator.fetch,
              slots,
              tokens: createStaticTokens(simulator.accessToken),
              clock,
            }),
          ),
        requestLog: createRequestLog(rpc, "amocrm-drain", clock.nowMs, () => {}),
        handlers,
        clock,
        random: () => 0,
        log: () => {},
        newToken: randomUUID,
      }),
    async drainAfter(ms) {
      nowMs += ms;
      await setClock();
      return account.drain();
    },
    requests: () => simulator.log.entries().map(({ method, path }) => `${method} ${path}`),
  };
  return account;
}
