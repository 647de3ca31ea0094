/**
 * What became of one request to amoCRM, in the five words the drain acts on.
 *
 * - `delivered`: a 2xx answer of the expected shape.
 * - `retry`: certainly not done, or safe to repeat: send again when the wait is over.
 * - `uncertain`: a create that may or may not have happened: look before sending again.
 * - `rejected`: amoCRM understood and refused what was sent: repeating changes nothing.
 * - `blocked`: no request of this account would pass now: the breaker's matter, no message is to blame.
 */
export type Verdict = "delivered" | "retry" | "uncertain" | "rejected" | "blocked";

/** The outcome of one client method: its value, or the fault that stopped it. */
export type Answer<T> = Delivered<T> | Failed;

/** A request that amoCRM carried out. */
interface Delivered<T> {
  verdict: "delivered";
  value: T;
  exchange: Exchange;
}

/** A request that did not, or not certainly, do what was asked. */
export interface Failed {
  verdict: Exclude<Verdict, "delivered">;
  fault: Fault;
  exchange: Exchange;
  /** Of which kind the request was and how many messages were in it; known once a batch has sent it. */
  request?: { operation: string; messageCount: number };
}

/**
 * Whose fault it is: the account's state (any request would fail alike), the server or the network between,
 * or the content of this very request. Only the last is held against the messages that were sent, and only where the
 * answer names one of them: see `isUnaccused`.
 */
export type Blame = "account" | "server" | "request";

/** Every code that a fault can carry; stable, since amocrm.error_policies is keyed by them. */
export type FaultCode =
  | "rate_limited"
  | "slot_refused"
  | "token_unavailable"
  | "unauthorized"
  | "unpaid"
  | "forbidden"
  | "account_blocked"
  | "wrong_address"
  /** 404 at an address that every account has: it was renamed, moved or deleted. */
  | "address_unknown"
  | "timeout"
  | "connection_failed"
  | "connection_lost"
  | "server_error"
  | "gateway_timeout"
  | "answer_too_large"
  /** Something known by its id does not come, for the first time: it may be deleted, or hidden for a moment. */
  | "not_shown"
  | "not_json"
  | "unexpected_answer"
  | "validation_failed"
  | "not_found"
  | "method_not_allowed"
  | "payload_too_large"
  | "refused"
  /** A 400 or 422 in JSON that names no item: a bare number, a title, reasons by ids that we did not send. */
  | "refusal_unexplained"
  /** A 400 or 422 that does not tell what is wrong: cut off on the way, or a gateway's own page. */
  | "refusal_unreadable"
  /** Another item of the batch was refused; whether this one was written is not documented (amocrm-api.md 3.11). */
  | "batch_refused";

/** Why a request was not delivered. Holds no personal data; amoCRM's own words only where it names no item, cleaned. */
export interface Fault {
  code: FaultCode;
  /** The code of the part that refused, for `slot_refused` and `token_unavailable`; otherwise null. */
  causeCode: string | null;
  /** An English sentence that says what to do, fit for a log and for the message's row. */
  message: string;
  /** The wait that the server or the pace named, in milliseconds and as told; the database bounds it. */
  waitMs: number | null;
  blame: Blame;
  /** False when certainly nothing left this process, so that no attempt is spent. */
  isSent: boolean;
  /** True after a timeout, a 504 or a 413: the same work in smaller batches may pass. */
  shrinksBatch: boolean;
  /** The items that a refused batch names; empty when it names none. */
  items: ItemFault[];
}

/** What amoCRM holds against one item of a batch. */
export interface ItemFault {
  requestId: string;
  /** `code` is amoCRM's own (`NotSupportedChoice`), `path` is dotted and zero-based into the item as sent. */
  faults: { code: string; path: string }[];
}

/** The facts of one request that belong into the log and into `amocrm.requests`. */
export interface Exchange {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Without the query, which may hold an e-mail or a phone. */
  path: string;
  httpStatus: number | null;
  /** From departure to the last byte of the answer. */
  durationMs: number;
  /** Time spent waiting for the slot. */
  waitedMs: number;
  itemCount: number;
  /** How far amoCRM's clock is ahead of ours by this answer; null if it does not tell. */
  clockOffsetMs?: number | null;
  /** The second of the answer by amoCRM's clock, as its Date header tells it; null if it does not. */
  answeredAtSecond?: number | null;
  /** Rows of the answer that could not be read and were left out: what is not among the others may be one of them. */
  droppedCount?: number;
}
