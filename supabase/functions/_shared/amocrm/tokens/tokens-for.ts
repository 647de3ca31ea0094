import type { TokenAnswer, Tokens } from "../api/transport.ts";
import type { AmocrmAccess, OAuthApp } from "../settings.ts";
import { createLongLivedTokens } from "./long-lived-tokens.ts";
import type { TokenParts } from "./port.ts";
import { createStoredTokens, type StoredTokensPorts } from "./stored-tokens.ts";

/** The tokens that the settings call for: a long-lived one, or else those of the stored connection. */
export function tokensFor(access: AmocrmAccess, parts: TokenParts): Tokens {
  const { accessToken, baseUrl, oauth } = access;
  if (accessToken !== null && baseUrl !== null) {
    return createLongLivedTokens(accessToken, baseUrl, parts);
  }
  return oauth === null
    ? { accessToken: async () => NOTHING_SET }
    : createStoredTokens(storedTokensPorts(access, oauth, parts));
}

/** The same for whoever renews the pair of the stored connection. */
export function storedTokensPorts(
  { refreshToken, baseUrl: host }: AmocrmAccess,
  app: OAuthApp,
  { store, endpointOf, hosts, whose, clock, log }: TokenParts,
): StoredTokensPorts {
  return {
    store,
    endpoint: endpointOf(app),
    hosts,
    whose,
    clock,
    log,
    existing: refreshToken === null || host === null ? null : { refreshToken, host },
  };
}

const NOTHING_SET: TokenAnswer = {
  ok: false,
  code: "access_token_missing",
  message:
    "Set AMOCRM_ACCESS_TOKEN and AMOCRM_SUBDOMAIN, or an integration: there is no token to call amoCRM with",
};
