import { createAmocrmClient } from "../amocrm/client.ts";
import type { AmocrmClient } from "../amocrm/client-port.ts";
import { createHostFinder } from "../amocrm/host-finder.ts";
import { createHttpTransport } from "../amocrm/http-transport.ts";
import { createStaticTokens } from "../amocrm/static-token.ts";
import { createTokenEndpoint } from "../amocrm/token-endpoint.ts";
import type { Slots, Tokens } from "../amocrm/transport.ts";
import type { Pace } from "../outbox/port.ts";
import { createLongLivedTokens } from "../tokens/long-lived-tokens.ts";
import type { HostFinder, TokenStore } from "../tokens/port.ts";
import { createStoredTokens, type StoredTokensPorts } from "../tokens/stored-tokens.ts";
import { systemClock } from "./clock.ts";
import type { Log } from "./log.ts";
import type { AmocrmAccess, OAuthApp } from "./settings.ts";

/** What a connection works with besides the settings. */
export interface ConnectionParts {
  slots: Slots;
  store: TokenStore;
  pace: Pick<Pace, "slowDown">;
  log: Log;
}

/** The real client: fetch, the machine's clock, the slots that it is given, and the token that the settings call for. */
export function connectAmocrm(access: AmocrmAccess, parts: ConnectionParts): AmocrmClient {
  return createAmocrmClient(
    createHttpTransport({
      baseUrl: access.isBaseUrlFixed ? access.baseUrl : null,
      fetch: globalThis.fetch,
      slots: parts.slots,
      tokens: tokensFor(access, parts),
      clock: systemClock,
    }),
  );
}

/** The connection by OAuth, for whoever renews its pair. */
export function storedTokensPorts(
  access: AmocrmAccess,
  app: OAuthApp,
  { slots, store, pace, log }: ConnectionParts,
): StoredTokensPorts {
  const { refreshToken, baseUrl: host } = access;
  return {
    store,
    endpoint: createTokenEndpoint({
      app,
      baseUrl: access.isBaseUrlFixed ? access.baseUrl : null,
      slots,
      slowDown: (waitMs, reason) => pace.slowDown(waitMs, reason),
      fetch: globalThis.fetch,
      clock: systemClock,
    }),
    hosts: hostFinder(access, { slots, store, pace, log }),
    clock: systemClock,
    log,
    takeOver: refreshToken === null || host === null ? null : { refreshToken, host },
  };
}

function tokensFor(access: AmocrmAccess, parts: ConnectionParts): Tokens {
  const { accessToken, baseUrl, oauth } = access;
  if (accessToken !== null) {
    return baseUrl === null
      ? createStaticTokens(accessToken)
      : createLongLivedTokens(accessToken, baseUrl, parts.store, hostFinder(access, parts));
  }
  return oauth === null
    ? createStaticTokens(null)
    : createStoredTokens(storedTokensPorts(access, oauth, parts));
}

function hostFinder(
  { isBaseUrlFixed, baseUrl }: AmocrmAccess,
  { slots, store, log }: ConnectionParts,
): HostFinder {
  return createHostFinder({
    baseUrl: isBaseUrlFixed ? baseUrl : null,
    slots,
    moves: store,
    log,
    fetch: globalThis.fetch,
    clock: systemClock,
  });
}
