import type { Tokens } from "../amocrm/transport.ts";
import { claimsOf } from "./claims.ts";
import type { TokenStore } from "./port.ts";

/**
 * A long-lived token from the settings. Before its first use the database is told that it is in use and until when, so
 * that amocrm_health can count down, and tells where the account lives by now.
 */
export function createLongLivedTokens(token: string, configuredHost: string, store: TokenStore): Tokens {
  const { expiresAt, accountId } = claimsOf(token);
  let host: Promise<string> | null = null;
  return {
    async accessToken() {
      host ??= store.noteLongLived(configuredHost, expiresAt, accountId);
      return { ok: true, token, host: await host };
    },
  };
}
