import type { SettingsInput } from "#dev/amocrm-simulator/settings.ts";
import { createSimulator, type Simulator } from "#dev/amocrm-simulator/simulator.ts";
import { createAmocrmClient } from "#shared/amocrm/api/client.ts";
import type { AmocrmClient } from "#shared/amocrm/api/client-port.ts";
import { createHttpTransport } from "#shared/amocrm/api/http-transport.ts";
import type { TokenStore } from "#shared/amocrm/tokens/port.ts";
import { type RefreshReport, refreshDue } from "#shared/amocrm/tokens/refresh-due.ts";
import { createTokenStore } from "#shared/amocrm/tokens/store.ts";
import { createStoredTokens, type StoredTokensPorts } from "#shared/amocrm/tokens/stored-tokens.ts";
import { createTokenEndpoint } from "#shared/amocrm/tokens/token-endpoint.ts";
import type { Slots } from "#shared/outbox/slots.ts";
import type { QueueAccess, QueueDatabase } from "./queue-database.ts";
import { VirtualTime } from "./virtual-time.ts";

const HOST = "https://sim.amocrm.ru";
const PROJECT = "ref.supabase.co";
const APP = {
  clientId: "11111111-2222-4333-8444-555555555555",
  clientSecret: "sim-client-secret",
  redirectUri: "https://ref.supabase.co/functions/v1/amocrm-oauth/callback",
};
const TOKEN_PATH = "/oauth2/access_token";

/** A moment of a refresh at which its process may die. */
export type DeathPoint = "before the call" | "after the server's answer" | "before the commit" | "after it";

export interface LogLine {
  event: string;
  facts: Readonly<Record<string, unknown>> | undefined;
}

/** One function call: its own memory, and a life that ends at a point if one is given. */
export interface Caller {
  client: AmocrmClient;
  refreshDue(): Promise<RefreshReport>;
}

/** A connected account in virtual time: the real token code over real Postgres and the simulated amoCRM. */
export class ConnectionWorld {
  readonly time: VirtualTime;
  readonly simulator: Simulator;
  readonly access: QueueAccess;
  readonly store: TokenStore;
  readonly logged: LogLine[] = [];
  /** When slots were taken; there is no pace here. */
  readonly #slots: Slots = { take: async () => ({ granted: true, waitedMs: 0 }) };

  constructor(database: QueueDatabase, startMs: number, tokens: SettingsInput["tokens"]) {
    this.time = new VirtualTime(startMs);
    this.access = database.enter(this.time);
    this.simulator = createSimulator({
      now: this.time.nowMs,
      sleep: this.time.sleep,
      settings: {
        rate: { requests_per_second: 0, account_per_second: 0, blocks_after: null },
        tokens: {
          clients: [
            { client_id: APP.clientId, client_secret: APP.clientSecret, redirect_uri: APP.redirectUri },
          ],
          ...tokens,
        },
      },
    });
    this.store = createTokenStore(this.access.rpc, PROJECT);
  }

  /** As after a consent. */
  async connect(): Promise<void> {
    const pair = this.simulator.control.issuePair();
    await this.store.connect(
      { accessToken: pair.access_token, refreshToken: pair.refresh_token, expiresInSeconds: pair.expires_in },
      { host: HOST, accountId: 5_550_001, subdomain: "sim" },
    );
  }

  caller(diesAt?: DeathPoint, refreshToken?: string): Caller {
    const dead = new Promise<never>(() => {});
    const store = createTokenStore(async (name, args) => {
      const isCommit = name === "amocrm_tokens_store";
      if (isCommit && diesAt === "before the commit") return dead;
      const answer = await this.access.rpc(name, args);
      return isCommit && diesAt === "after it" ? dead : answer;
    }, PROJECT);
    const fetch = async (url: string, init: RequestInit): Promise<Response> => {
      const isForToken = url.endsWith(TOKEN_PATH);
      if (isForToken && diesAt === "before the call") return dead;
      const response = await this.simulator.fetch(url, init);
      return isForToken && diesAt === "after the server's answer" ? dead : response;
    };
    // A process that is dead has no timers either, so that it cannot time out.
    const clock = diesAt === undefined ? this.time : { nowMs: this.time.nowMs, sleep: () => dead };
    const ports: StoredTokensPorts = {
      store,
      endpoint: createTokenEndpoint({
        app: APP,
        baseUrl: null,
        slots: this.#slots,
        pace: { reportFault: async () => "harmless" },
        fetch,
        clock,
      }),
      hosts: null,
      whose: async () => ({ ok: true, accountId: 5_550_001 }),
      clock,
      log: (_level, event, facts) => void this.logged.push({ event, facts }),
      existing: refreshToken === undefined ? null : { refreshToken, host: HOST },
    };
    const tokens = createStoredTokens(ports);
    return {
      client: createAmocrmClient(
        createHttpTransport({ baseUrl: null, fetch, slots: this.#slots, tokens, clock }),
      ),
      refreshDue: () => refreshDue(ports),
    };
  }

  /** Lets the world's people act until the last is done. */
  async play(...acts: Promise<unknown>[]): Promise<void> {
    let isOver = false;
    const all = Promise.all(acts).finally(() => {
      isOver = true;
    });
    // A failed act is reported by the await below, not as an unhandled one.
    all.catch(() => undefined);
    const end = await this.time.run(() => isOver, Number.POSITIVE_INFINITY);
    if (end === "asleep") throw new Error("Somebody waits for ever");
    await all;
  }

  tokenRequestCount(): number {
    return this.simulator.log.entries().filter(({ path }) => path === TOKEN_PATH).length;
  }
}
