import type { Slots } from "../../outbox/slots.ts";
import { exchange, type HttpParts } from "../../platform/http.ts";
import { parseJson } from "../../platform/json.ts";
import type { SessionAccess } from "../settings.ts";
import { otherSession } from "../tokens/answers.ts";
import type { Admission } from "../tokens/session-admission.ts";
import { bodyOf, headersOf, notSent, urlOf } from "./request-parts.ts";
import {
  ACCOUNT_HEADER,
  ORIGIN_HEADER,
  SESSION_HEADER,
  sessionRefusalOf,
  WAIT_HEADER,
} from "./session-contract.ts";
import { needsPerson, SESSION_WORDS } from "./session-words.ts";
import type { AmocrmRequest, NotSentOutcome, RawOutcome, Transport } from "./transport.ts";

/** What remains of a request's time when the service has waited for a sign-in. */
const MIN_REST_MS = 2_000;
const SECOND_MS = 1_000;
/** Gateways say with these that the call may have got through. */
const DOUBTFUL: readonly number[] = [502, 503, 504];

export interface SessionTransportParts extends HttpParts {
  session: SessionAccess;
  slots: Slots;
  /** Whether calls may go, and for which account; null while that is being asked. */
  admission: (() => Promise<Admission>) | null;
  /** Told where the account is, by each answer that says so. */
  told?: (origin: string) => void;
}

/**
 * The transport through a session service. Pace, breaker and verdicts are ours as with a token; what the service refuses by
 * itself has certainly not reached amoCRM, so that it stops the sending and is held against no message.
 */
export function createSessionTransport(parts: SessionTransportParts): Transport {
  return {
    async send(request) {
      const admitted = parts.admission === null ? null : await parts.admission();
      if (admitted?.ok === false) return notSent("token", admitted.code, admitted.message, null);
      const headers = headersOf(request, parts.session.secret);
      if (headers === null) return unsent("session_secret_refused", SESSION_WORDS.secret_malformed);
      const waitS = Math.floor((request.timeoutMs - MIN_REST_MS) / SECOND_MS);
      headers.set(WAIT_HEADER, `wait=${Math.max(1, waitS)}`);
      if (admitted !== null) headers.set(ACCOUNT_HEADER, String(admitted.accountId));
      return await sendWith(parts, request, headers, admitted?.accountId ?? null);
    },
  };
}

async function sendWith(
  parts: SessionTransportParts,
  request: AmocrmRequest,
  headers: Headers,
  meantFor: number | null,
): Promise<RawOutcome> {
  const url = urlOf(parts.session.url, request);
  const body = bodyOf(request);
  const slot = await parts.slots.take(request.purpose);
  if (!slot.granted) return notSent("slot", slot.code, slot.message, slot.waitMs);
  let mark: string | null = null;
  const fetch: HttpParts["fetch"] = async (to, init) => {
    const response = await parts.fetch(to, init);
    mark = response.headers.get(SESSION_HEADER);
    const origin = response.headers.get(ORIGIN_HEADER);
    if (origin !== null) parts.told?.(origin);
    return response;
  };
  const { method } = request;
  const outcome = await exchange({ ...parts, fetch }, url, { method, headers, body }, request.timeoutMs);
  return judged({ ...outcome, waitedMs: slot.waitedMs }, mark, parts.session, meantFor);
}

function judged(
  outcome: Exclude<RawOutcome, NotSentOutcome>,
  mark: string | null,
  { url }: SessionAccess,
  meantFor: number | null,
): RawOutcome {
  const { durationMs, waitedMs } = outcome;
  if (outcome.kind === "failed") {
    return outcome.phase === "before"
      ? unsent("session_unreachable", SESSION_WORDS.unreachable(url))
      : outcome;
  }
  const refusal = sessionRefusalOf(mark);
  switch (refusal) {
    case null:
    case "path_refused":
    case "method_refused":
    case "body_too_large":
      return outcome;
    case undefined:
      // A proxy between us and the service: what it has passed on, it does not say.
      return DOUBTFUL.includes(outcome.httpStatus)
        ? outcome
        : unsent("session_unknown", SESSION_WORDS.unknown(url));
    case "amocrm_unreachable":
      return { kind: "failed", reason: "connection_failed", phase: "before", durationMs, waitedMs };
    case "amocrm_lost":
      return { kind: "failed", reason: "connection_lost", phase: "after", durationMs, waitedMs };
    case "signed_out":
      return unsent("signed_out", SESSION_WORDS.signed_out);
    case "needs_person":
      return unsent("needs_person", needsPerson(parseJson(outcome.body)));
    case "other_account": {
      const { code, message } = otherSession(meantFor ?? 0);
      return unsent(code, message);
    }
    case "wrong_secret":
      return unsent("session_secret_refused", SESSION_WORDS.secret_refused);
    case "stopping":
      return unsent("session_unreachable", SESSION_WORDS.unreachable(url));
  }
}

function unsent(code: string, message: string): NotSentOutcome {
  return notSent("token", code, message, null);
}
