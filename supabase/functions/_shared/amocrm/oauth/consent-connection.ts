import type { Pace } from "../../outbox/port.ts";
import type { Slots } from "../../outbox/slots.ts";
import { systemClock } from "../../platform/clock.ts";
import { outsideFetch } from "../../platform/outside-fetch.ts";
import { askAccount } from "../api/account-connection.ts";
import { noteOf } from "../api/note-exchange.ts";
import type { RequestLog } from "../api/request-log.ts";
import type { Settings } from "../settings.ts";
import type { TokenEndpoint } from "../tokens/port.ts";
import { createTokenEndpoint } from "../tokens/token-endpoint.ts";
import type { Identify } from "./port.ts";

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
      fetch: outsideFetch,
      clock: systemClock,
      seen: noteOf(requestLog, systemClock.nowMs),
    }),
    async identify(origin, accessToken) {
      const parts = { baseUrl: fixedUrl, slots, fetch: outsideFetch, clock: systemClock, requestLog };
      const answer = await askAccount(parts, origin, accessToken);
      return answer.verdict === "delivered" ? answer.value : null;
    },
  };
}
