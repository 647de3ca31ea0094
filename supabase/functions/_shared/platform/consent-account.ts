import { createAmocrmClient } from "../amocrm/client.ts";
import { createHttpTransport } from "../amocrm/http-transport.ts";
import { noteOf } from "../amocrm/note-exchange.ts";
import { type RequestLog, withRequestLog } from "../amocrm/request-log.ts";
import { createStaticTokens } from "../amocrm/static-token.ts";
import { createTokenEndpoint } from "../amocrm/token-endpoint.ts";
import { type Slots, TOKEN_PURPOSE } from "../amocrm/transport.ts";
import type { Identify } from "../oauth/port.ts";
import type { Pace } from "../outbox/port.ts";
import type { TokenEndpoint } from "../tokens/port.ts";
import { systemClock } from "./clock.ts";
import type { Settings } from "./settings.ts";

/** What a callback asks of amoCRM, each request in a slot of its own, which pause and breaker let through. */
export function createConsentAccount(
  settings: Settings,
  slots: Slots,
  pace: Pick<Pace, "reportFault">,
  requestLog: RequestLog,
): { endpoint: TokenEndpoint; identify: Identify } {
  if (settings.state !== "ready" || settings.access.oauth === null) {
    throw new Error("There is no integration to exchange a code with");
  }
  const { oauth, baseUrl, isBaseUrlFixed } = settings.access;
  const fixedUrl = isBaseUrlFixed ? baseUrl : null;
  return {
    endpoint: createTokenEndpoint({
      app: oauth,
      baseUrl: fixedUrl,
      slots,
      pace,
      fetch: globalThis.fetch,
      clock: systemClock,
      seen: noteOf(requestLog, systemClock.nowMs),
    }),
    async identify(origin, accessToken) {
      const client = createAmocrmClient(
        createHttpTransport({
          baseUrl: fixedUrl ?? origin,
          fetch: globalThis.fetch,
          slots: { take: () => slots.take(TOKEN_PURPOSE) },
          tokens: createStaticTokens(accessToken),
          clock: systemClock,
        }),
      );
      const answer = await withRequestLog(client, requestLog, systemClock.nowMs).account();
      return answer.verdict === "delivered" ? answer.value : null;
    },
  };
}
