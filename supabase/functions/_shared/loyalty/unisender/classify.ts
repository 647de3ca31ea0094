import { z } from "zod";
import type { AnsweredOutcome, FailedOutcome } from "../../platform/http.ts";
import { parseJson } from "../../platform/json.ts";
import type { UnisenderAnswer, UnisenderFailed, UnisenderFault } from "../unisender-port.ts";
import { UNISENDER_MESSAGES, type UnisenderFaultCode } from "./codes.ts";

/** What came of one request, as the transport saw it. */
export type UnisenderOutcome =
  | { kind: "not_sent"; code: string; message: string }
  | Pick<FailedOutcome, "kind" | "reason" | "phase">
  | Pick<AnsweredOutcome, "kind" | "httpStatus" | "body" | "bodyFault">;

const Envelope = z.union([
  z.looseObject({ error: z.unknown(), code: z.string().max(100).optional().catch(undefined) }),
  z.looseObject({ result: z.unknown() }),
]);

/**
 * Judges by the envelope: failures come with status 200 as well. What is not certainly a refusal may have been done, which
 * matters to the one request that is not to be repeated; all others are repeated, so for them it is a `retry`.
 */
export function classify(outcome: UnisenderOutcome, isRepeatable: boolean): UnisenderAnswer<unknown> {
  const unknown = isRepeatable ? "retry" : "uncertain";
  switch (outcome.kind) {
    case "not_sent":
      return failed("retry", "slot_refused", {
        causeCode: outcome.code,
        message: outcome.message,
        isSent: false,
      });
    case "failed":
      return outcome.phase === "before"
        ? failed("retry", outcome.reason, { isSent: false })
        : failed(unknown, outcome.reason);
    case "answered": {
      const { bodyFault, body, httpStatus } = outcome;
      if (bodyFault !== null) return failed(unknown, bodyFault === "timeout" ? "timeout" : "connection_lost");
      const envelope = Envelope.safeParse(parseJson(body));
      if (!envelope.success) return byStatus(httpStatus, unknown);
      if ("error" in envelope.data) return byCode(String(envelope.data["code"] ?? ""), unknown);
      return httpStatus >= 200 && httpStatus < 300
        ? { verdict: "delivered", value: envelope.data["result"] }
        : byStatus(httpStatus, unknown);
    }
  }
}

type Unknown = "retry" | "uncertain";

function byCode(code: string, unknown: Unknown): UnisenderFailed {
  // A word of Unisender's documentation, or nothing: its sentences may quote an address.
  const detail = /^[\w.-]{1,60}$/.test(code) ? code : undefined;
  if (code.startsWith("api_call_limit_exceeded")) return failed("retry", "rate_limited");
  switch (code) {
    case "invalid_api_key":
    case "access_denied":
      return failed("blocked", "unisender_unauthorized", { detail });
    case "unknown_method":
      return failed("blocked", "unisender_wrong_address", { detail });
    case "not_enough_money":
      return failed("blocked", "unisender_no_money", { detail });
    case "invalid_arg":
      return failed("rejected", "unisender_refused", { detail });
    default:
      // retry_later, unspecified and what is new.
      return failed(unknown, "server_error", { detail });
  }
}

/** No envelope: a gateway's own page, or something that is not Unisender. */
function byStatus(status: number, unknown: Unknown): UnisenderFailed {
  if (status === 429) return failed("retry", "rate_limited");
  if (status === 401 || status === 403)
    return failed("blocked", "unisender_unauthorized", { detail: String(status) });
  // 0 is how a browser-like fetch shows a redirect that it was told not to follow.
  if (status === 404 || status === 405 || status === 0 || (status >= 300 && status < 400))
    return failed("blocked", "unisender_wrong_address", { detail: String(status) });
  return failed(unknown, status >= 500 ? "server_error" : "unexpected_answer", { detail: String(status) });
}

/** An answer whose envelope is good and whose result is none that we know. */
export const unexpected = (isRepeatable: boolean): UnisenderFailed =>
  failed(isRepeatable ? "retry" : "uncertain", "unexpected_answer");

interface FaultFacts extends Partial<Pick<UnisenderFault, "causeCode" | "message" | "isSent">> {
  detail?: string | undefined;
}

function failed(
  verdict: UnisenderFailed["verdict"],
  code: UnisenderFaultCode,
  facts: FaultFacts = {},
): UnisenderFailed {
  const { detail, causeCode = null, isSent = true } = facts;
  const message = facts.message ?? UNISENDER_MESSAGES[code] + (detail === undefined ? "" : ` (${detail})`);
  return { verdict, fault: { code, causeCode, message, waitMs: null, isSent } };
}
