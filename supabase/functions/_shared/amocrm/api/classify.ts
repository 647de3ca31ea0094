import {
  type AnsweredOutcome,
  type BodyFault,
  type FailedOutcome,
  retryWaitMs,
} from "../../platform/http.ts";
import { parseJson } from "../../platform/json.ts";
import { type FaultFacts, fault } from "./faults.ts";
import { refusalWords } from "./refusal-words.ts";
import type { AmocrmRequest, RawOutcome } from "./transport.ts";
import { itemFaults } from "./validation-errors.ts";
import type { Failed, Fault, Verdict } from "./verdict.ts";

/** What the judgement needs to know of the request. */
export type Asked = Pick<AmocrmRequest, "methodClass" | "path" | "requestIds"> &
  Partial<Pick<AmocrmRequest, "body" | "method" | "query">>;

/** The judgement: JSON to be read, nothing (204), or a fault. */
export type Classified =
  | { verdict: "delivered"; empty: false; json: unknown }
  | { verdict: "delivered"; empty: true }
  | Omit<Failed, "exchange">;

/**
 * Turns what came of a request into a verdict. Looks at the status and at machine-readable codes only: the
 * `detail` texts may be Russian, English or a web page (amocrm-api.md 4). They are passed on where nothing else is said.
 */
export function classify(asked: Asked, outcome: RawOutcome): Classified {
  switch (outcome.kind) {
    case "not_sent":
      return outcome.refusedBy === "slot"
        ? failed("retry", "slot_refused", {
            causeCode: outcome.code,
            message: outcome.message,
            waitMs: outcome.waitMs,
            isSent: false,
          })
        : failed("blocked", "token_unavailable", {
            causeCode: outcome.code,
            message: outcome.message,
            isSent: false,
          });
    case "failed":
      return classifyFailure(asked, outcome);
    case "answered":
      return classifyAnswer(asked, outcome);
  }
}

/** A 2xx answer whose JSON is not what was expected; `place` names where, without values. */
export function unexpectedAnswer(asked: Asked, place: string): Omit<Failed, "exchange"> {
  return failed(doubt(asked), "unexpected_answer", {
    message: `amoCRM's answer has an unexpected shape at ${place}`,
  });
}

function classifyFailure(asked: Asked, { reason, phase }: FailedOutcome): Classified {
  if (phase === "before") return failed("retry", reason, { isSent: false });
  return failed(doubt(asked), reason, { shrinksBatch: reason === "timeout" });
}

function classifyAnswer(asked: Asked, answer: AnsweredOutcome): Classified {
  const { httpStatus: status } = answer;
  if (status >= 200 && status < 300) return classifySuccess(asked, answer);
  if (status === 429) return failed("retry", "rate_limited", { waitMs: retryWaitMs(answer) });
  if (status >= 500) {
    return failed(doubt(asked), status === 504 ? "gateway_timeout" : "server_error", {
      httpStatus: status,
      waitMs: retryWaitMs(answer),
      shrinksBatch: status === 504,
    });
  }
  // 0 is how a browser-like fetch shows a redirect that it was told not to follow.
  if (status < 400) return failed("blocked", "wrong_address", { httpStatus: status });
  return classifyRefusal(asked, answer);
}

function classifySuccess(asked: Asked, { httpStatus, body, bodyFault }: AnsweredOutcome): Classified {
  if (bodyFault !== null) return lostBody(asked, bodyFault);
  // 204 is how amoCRM says "nothing found"; a write that answers it has not told what became of its items.
  if (httpStatus === 204 && (asked.methodClass === "read" || asked.method === "DELETE"))
    return { verdict: "delivered", empty: true };
  const json = parseJson(body);
  if (json === undefined) return failed(doubt(asked), "not_json", { httpStatus });
  return { verdict: "delivered", empty: false, json };
}

function lostBody(asked: Asked, bodyFault: BodyFault): Classified {
  return failed(doubt(asked), bodyFault, { shrinksBatch: bodyFault !== "connection_lost" });
}

function classifyRefusal(asked: Asked, { httpStatus, body }: AnsweredOutcome): Classified {
  const json = parseJson(body);
  const isJson = typeof json === "object" && json !== null;
  switch (httpStatus) {
    case 401:
      return failed("blocked", "unauthorized");
    case 402:
      return failed("blocked", "unpaid");
    case 403:
      // Missing rights come as JSON; the block for exceeding the rate is the web server's own page.
      return failed("blocked", isJson ? "forbidden" : "account_blocked");
    case 404:
      if (mayBeAnItems(asked)) return failed("rejected", "not_found");
      // Of an id that it does not know amoCRM says nothing, with 204.
      if (/\/\d+$/.test(asked.path)) return refused(asked, "refused", json, { httpStatus });
      // The address of a list always exists at amoCRM: without it this is another host, or the account is gone.
      return isJson
        ? refused(asked, "address_unknown", json)
        : failed("blocked", "wrong_address", { httpStatus });
    case 405:
      return refused(asked, "method_not_allowed", json);
    case 408:
      return failed(doubt(asked), "timeout", { shrinksBatch: true });
    case 413:
    case 414:
      return refused(asked, "payload_too_large", json, { shrinksBatch: true });
    case 400:
    case 422: {
      // Cut off on the way, or a gateway's own page: what amoCRM holds against the items is not known.
      if (!isJson) return refused(asked, "refusal_unreadable", json, { httpStatus });
      const items = itemFaults(json, asked.requestIds);
      return items.length === 0
        ? refused(asked, "refusal_unexplained", json, { httpStatus })
        : failed("rejected", "validation_failed", { httpStatus, items });
    }
    default:
      return refused(asked, "refused", json, { httpStatus });
  }
}

/**
 * A refusal that names no item is not known to be any item's fault. Nor is it known that nothing was done: a create is
 * looked for before it is sent again.
 */
function refused(
  asked: Asked,
  code: Fault["code"],
  json: unknown,
  facts: FaultFacts = {},
): Omit<Failed, "exchange"> {
  return failed(doubt(asked), code, { ...facts, words: refusalWords(json, asked) });
}

/** What a doubt means: reading again and setting again do no harm, creating again makes a second one. */
function doubt({ methodClass }: Asked): "retry" | "uncertain" {
  return methodClass === "create" ? "uncertain" : "retry";
}

/** What is changed, or the parent of a note, may be gone; whoever sent it looks whether it is. */
function mayBeAnItems({ methodClass, path }: Asked): boolean {
  return methodClass === "set" || (methodClass === "create" && path.endsWith("/notes"));
}

function failed(
  verdict: Exclude<Verdict, "delivered">,
  code: Fault["code"],
  facts: FaultFacts = {},
): Omit<Failed, "exchange"> {
  return { verdict, fault: fault(code, facts) };
}
