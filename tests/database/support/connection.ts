import type { LongLivedToken, RefreshClaim, TokenPair, TokenStore } from "#shared/amocrm/tokens/port.ts";
import { createTokenStore } from "#shared/amocrm/tokens/store.ts";
import type { Rpc } from "#shared/platform/rpc.ts";
import { noonPlus, setTestClock } from "./clock.ts";
import type { Session, TestDatabase } from "./database.ts";
import { openRpc } from "./rpc.ts";

export const ACCOUNT = { host: "https://company.amocrm.ru", accountId: 55, subdomain: "company" };

/** A pair for a day, whose tokens can be told apart. */
export const pair = (name: string): TokenPair => ({
  accessToken: `access-${name}`,
  refreshToken: `refresh-${name}`,
  expiresInSeconds: 86_400,
});

/** A long-lived token as the settings have it and as it tells of itself. */
export const longLived = (facts: Partial<LongLivedToken> = {}): LongLivedToken => ({
  host: ACCOUNT.host,
  expiresAt: null,
  accountId: ACCOUNT.accountId,
  fingerprint: "0".repeat(64),
  ...facts,
});

/** How a refresh ends for good, and how it ends without an answer. */
export const REVOKED = { code: "token_revoked", message: "connect again", isFinal: true, waitMs: 0 };
export const LOST = { code: "timeout", message: "lost", isFinal: false, waitMs: 30_000 };

/** The stored connection as the functions reach it, with the hour of all sessions in the test's hand. */
export interface ConnectionFixture {
  store: TokenStore;
  rpc: Rpc;
  /** As service_role. */
  service: Session;
  superuser: Session;
  /** Puts every session to that time after noon. */
  at(ms: number): Promise<void>;
  /** Claims the refresh of a version; throws if it is not granted. */
  claim(version: number): Promise<Extract<RefreshClaim, { outcome: "claimed" }>>;
  breakerCode(): Promise<string | null>;
  openAlerts(): Promise<Record<string, unknown>[]>;
}

export async function openConnection({ sql, connect }: TestDatabase): Promise<ConnectionFixture> {
  const superuser = connect({ user: "supabase_admin" });
  const service = connect({ user: "authenticator", role: "service_role" });
  const rpc = await openRpc(service);
  const store = createTokenStore(rpc, "ref.supabase.co");
  return {
    store,
    rpc,
    service,
    superuser,
    at: (ms) => setTestClock(noonPlus(ms), sql, service, superuser),
    async claim(version) {
      const answer = await store.claim(version);
      if (answer.outcome !== "claimed") throw new Error(`not claimed: ${answer.outcome}`);
      return answer;
    },
    async breakerCode() {
      const [row] = await sql`select breaker_code from amocrm.queue_control where queue = 'amocrm'`;
      return row?.["breaker_code"] ?? null;
    },
    openAlerts: async () => [
      ...(await sql`select code, severity, detail from public.amocrm_alerts where resolved_at is null`),
    ],
  };
}
