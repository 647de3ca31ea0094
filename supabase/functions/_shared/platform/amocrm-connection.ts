import { createAmocrmClient } from "../amocrm/client.ts";
import type { AmocrmClient } from "../amocrm/client-port.ts";
import { createHostFinder } from "../amocrm/host-finder.ts";
import { createHttpTransport } from "../amocrm/http-transport.ts";
import { noteOf } from "../amocrm/note-exchange.ts";
import type { RequestLog } from "../amocrm/request-log.ts";
import { createTokenEndpoint } from "../amocrm/token-endpoint.ts";
import type { Slots, Tokens } from "../amocrm/transport.ts";
import type { Pace } from "../outbox/port.ts";
import type { TokenParts, TokenStore } from "../tokens/port.ts";
import { systemClock } from "./clock.ts";
import type { Log } from "./log.ts";
import type { AmocrmAccess } from "./settings.ts";

/** What tokens are asked for with. */
export interface AskingParts {
  slots: Slots;
  store: TokenStore;
  pace: Pick<Pace, "reportFault">;
  log: Log;
  requestLog: RequestLog;
  /** Another fetch than the machine's, to watch what passes. */
  fetch?: typeof globalThis.fetch;
}

/** The real client: fetch, the machine's clock, the slots that it is given, and the tokens that `tokensFor` makes. */
export function connectAmocrm(
  access: AmocrmAccess,
  asking: AskingParts,
  tokensFor: (access: AmocrmAccess, parts: TokenParts) => Tokens,
): AmocrmClient {
  return createAmocrmClient(
    createHttpTransport({
      baseUrl: fixedUrlOf(access),
      fetch: asking.fetch ?? globalThis.fetch,
      slots: asking.slots,
      tokens: tokensFor(access, tokenParts(access, asking)),
      clock: systemClock,
    }),
  );
}

/** The real token endpoint and look-up of hosts, in slots of the same pace. */
export function tokenParts(
  access: AmocrmAccess,
  { slots, store, pace, log, requestLog }: AskingParts,
): TokenParts {
  const seen = noteOf(requestLog, systemClock.nowMs);
  const http = { baseUrl: fixedUrlOf(access), slots, fetch: globalThis.fetch, clock: systemClock, seen };
  return {
    store,
    endpointOf: (app) => createTokenEndpoint({ ...http, app, pace }),
    hosts: createHostFinder({ ...http, moves: store, log }),
    clock: systemClock,
    log,
  };
}

function fixedUrlOf({ isBaseUrlFixed, baseUrl }: AmocrmAccess): string | null {
  return isBaseUrlFixed ? baseUrl : null;
}
