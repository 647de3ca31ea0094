import type { Blame, Fault, FaultCode, ItemFault } from "./verdict.ts";

/** What is particular to one occurrence of a fault; the rest follows from its code. */
export interface FaultFacts extends Partial<Omit<Fault, "code" | "blame">> {
  httpStatus?: number;
  /** What amoCRM said of it, cleaned of personal data. */
  words?: string | null;
}

/** Faults that would meet any request of the account. */
const ACCOUNT_CODES: ReadonlySet<FaultCode> = new Set([
  "rate_limited",
  "slot_refused",
  "token_unavailable",
  "unauthorized",
  "unpaid",
  "forbidden",
  "account_blocked",
  "wrong_address",
]);

/** Refusals that accuse nobody: any other request of the kind may be refused alike, so that no message dies of one. */
const UNACCUSED_CODES: ReadonlySet<FaultCode> = new Set([
  "address_unknown",
  "method_not_allowed",
  "payload_too_large",
  "refused",
  "refusal_unexplained",
  "refusal_unreadable",
]);

/** Faults that lie in what was sent, or may. */
const REQUEST_CODES: ReadonlySet<FaultCode> = new Set(["validation_failed", "not_found", ...UNACCUSED_CODES]);

/** For each code a sentence that says what to do about it. */
const MESSAGES: Record<FaultCode, string> = {
  rate_limited: "amoCRM limits the request rate (429): waiting, then going on more slowly",
  slot_refused: "The pace gave no slot: nothing was sent",
  token_unavailable: "There is no access token: nothing was sent",
  unauthorized:
    "amoCRM refuses the access token (401): renew it, and check that the integration is switched on",
  unpaid: "The amoCRM account is not paid (402): pay it, then call amocrm_resume()",
  forbidden: "amoCRM refuses this call for lack of rights (403): use a token of a user who has them",
  account_blocked:
    "amoCRM blocks this account or address (403 without JSON): ask amoCRM's support to lift the block",
  wrong_address: "The address is not that of an amoCRM account: check AMOCRM_SUBDOMAIN or AMOCRM_BASE_URL",
  address_unknown:
    "amoCRM does not know an address that every account has (404): the account was renamed, moved or deleted; check AMOCRM_SUBDOMAIN or AMOCRM_BASE_URL",
  timeout: "amoCRM did not answer in time",
  connection_failed:
    "No connection to amoCRM could be made: check the network, AMOCRM_SUBDOMAIN and AMOCRM_BASE_URL",
  connection_lost: "The connection to amoCRM was lost before the answer was complete",
  server_error: "amoCRM failed to handle the request",
  gateway_timeout: "amoCRM's gateway gave up waiting (504): the next batches are smaller",
  answer_too_large: "amoCRM's answer is larger than any answer we expect and was not read",
  not_shown: "amoCRM does not show what we know by its id: looked for once more before it counts as deleted",
  not_json: "The answer is a success but not JSON: something between us and amoCRM may have answered",
  unexpected_answer: "amoCRM's answer has an unexpected shape",
  validation_failed: "amoCRM refuses what was sent",
  not_found: "amoCRM does not know what was asked for (404)",
  method_not_allowed: "amoCRM does not allow this method here (405)",
  payload_too_large: "The request is too large for amoCRM (413): the next batches are smaller",
  refused: "amoCRM refuses the request and names nothing in it",
  refusal_unexplained:
    "amoCRM refuses the request and names no item: look at the rights of the token's user, the subscription and the account's limits",
  refusal_unreadable: "amoCRM refuses the request and its reason did not arrive",
  batch_refused: "amoCRM refused the batch for another item; whether this one was written is looked up",
};

/** All codes; amocrm.error_policies has a row for each. */
export const FAULT_CODES: readonly string[] = Object.keys(MESSAGES);

/** At most this many named items go into a message; the fault itself holds all of them. */
const NAMED_ITEMS_MAX = 3;

/** Builds a fault: the code decides blame and sentence, the facts the rest. */
export function fault(code: FaultCode, facts: FaultFacts = {}): Fault {
  return {
    code,
    causeCode: facts.causeCode ?? null,
    message: facts.message ?? sentence(code, facts),
    waitMs: facts.waitMs ?? null,
    blame: blameOf(code),
    isSent: facts.isSent ?? true,
    shrinksBatch: facts.shrinksBatch ?? false,
    items: facts.items ?? [],
  };
}

/** A refusal that accuses no message: it counts for the account, and kills nobody. */
export function isUnaccused({ code }: Pick<Fault, "code">): boolean {
  return UNACCUSED_CODES.has(code);
}

function blameOf(code: FaultCode): Blame {
  if (ACCOUNT_CODES.has(code)) return "account";
  return REQUEST_CODES.has(code) ? "request" : "server";
}

function sentence(code: FaultCode, { httpStatus, items = [], words }: FaultFacts): string {
  const status = httpStatus === undefined ? "" : ` (${httpStatus})`;
  const said = words ? `. amoCRM says: ${words}` : "";
  return `${MESSAGES[code]}${status}${items.length === 0 ? "" : `: ${summary(items)}`}${said}`;
}

function summary(items: readonly ItemFault[]): string {
  const named = items.flatMap(({ faults }) => faults.map(({ code, path }) => `${path} ${code}`.trim()));
  const distinct = [...new Set(named)];
  const shown = distinct.slice(0, NAMED_ITEMS_MAX).join(", ");
  return distinct.length > NAMED_ITEMS_MAX ? `${shown} and ${distinct.length - NAMED_ITEMS_MAX} more` : shown;
}
