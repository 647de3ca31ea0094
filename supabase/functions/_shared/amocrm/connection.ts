import type { Pace } from "../outbox/port.ts";
import type { Slots } from "../outbox/slots.ts";
import { systemClock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { outsideFetch } from "../platform/outside-fetch.ts";
import { sha256Of } from "../platform/secrets.ts";
import { askAccount, askSession } from "./api/account-connection.ts";
import { createAmocrmClient } from "./api/client.ts";
import type { AmocrmClient } from "./api/client-port.ts";
import { createHttpTransport } from "./api/http-transport.ts";
import { noteOf } from "./api/note-exchange.ts";
import type { RequestLog } from "./api/request-log.ts";
import { createSessionTransport } from "./api/session-transport.ts";
import type { Tokens, Transport } from "./api/transport.ts";
import type { AmocrmAccess, SessionAccess } from "./settings.ts";
import { createHostFinder } from "./tokens/host-finder.ts";
import type { TokenParts, TokenStore } from "./tokens/port.ts";
import { type AdmissionParts, createAdmission } from "./tokens/session-admission.ts";
import { createTokenEndpoint } from "./tokens/token-endpoint.ts";

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
  const fetch = asking.fetch ?? outsideFetch;
  const { slots } = asking;
  const transport: Transport =
    access.session === null
      ? createHttpTransport({
          baseUrl: fixedUrlOf(access),
          fetch,
          slots,
          tokens: tokensFor(access, tokenParts(access, asking)),
          clock: systemClock,
        })
      : createSessionTransport({
          session: access.session,
          fetch,
          slots,
          admission: createAdmission(access.session, access.baseUrl, admissionParts(access.session, asking)),
          clock: systemClock,
        });
  return createAmocrmClient(transport);
}

/** What a session service is admitted with: the database's word, and amoCRM's, asked through the service. */
export function admissionParts(
  session: SessionAccess,
  { slots, store, requestLog, fetch = outsideFetch }: AskingParts,
): AdmissionParts {
  return {
    store,
    fingerprint: sha256Of,
    whose: () => askSession({ session, slots, requestLog, fetch, clock: systemClock }),
  };
}

/** The real token endpoint and look-up of hosts, in slots of the same pace. */
export function tokenParts(
  access: AmocrmAccess,
  { slots, store, pace, log, requestLog }: AskingParts,
): TokenParts {
  const seen = noteOf(requestLog, systemClock.nowMs);
  const http = { baseUrl: fixedUrlOf(access), slots, fetch: outsideFetch, clock: systemClock, seen };
  const { fetch, clock, baseUrl } = http;
  return {
    store,
    endpointOf: (app) => createTokenEndpoint({ ...http, app, pace }),
    hosts: createHostFinder({ ...http, moves: store, log }),
    async whose(host, accessToken) {
      const answer = await askAccount({ baseUrl, slots, fetch, clock, requestLog }, host, accessToken);
      return answer.verdict === "delivered"
        ? { ok: true, accountId: answer.value.id }
        : { ok: false, code: answer.fault.causeCode ?? answer.fault.code, message: answer.fault.message };
    },
    fingerprint: sha256Of,
    clock: systemClock,
    log,
  };
}

function fixedUrlOf({ isBaseUrlFixed, baseUrl }: AmocrmAccess): string | null {
  return isBaseUrlFixed ? baseUrl : null;
}

export { createRequestLog } from "./api/request-log-store.ts";
export { createTokenStore } from "./tokens/store.ts";
