import type { Tokens } from "../amocrm/transport.ts";
import { claimsOf } from "./claims.ts";
import type { HostFinder, TokenStore } from "./port.ts";

/**
 * A long-lived token from the settings. Before its first use the database is told that it is in use and until when, so
 * that amocrm_health can count down, and tells where the account lives by now. Nobody renews it, but an account that turns
 * it away may have moved.
 */
export function createLongLivedTokens(
  token: string,
  configuredHost: string,
  store: TokenStore,
  hosts: HostFinder,
): Tokens {
  const { expiresAt, accountId } = claimsOf(token);
  let host: Promise<string> | null = null;
  return {
    async accessToken(refused) {
      host ??= store.noteLongLived(configuredHost, expiresAt, accountId);
      const last = await host;
      if (refused === token) {
        const found = await hosts.find(last, null, token);
        if (found !== null) host = Promise.resolve(found);
      }
      return { ok: true, token, host: await host };
    },
  };
}
