import type { FailedRequest } from "../outbox/port.ts";

/**
 * Every code that an SMS's fault can carry, a row of amocrm.error_policies each. Those without `sms_` are the same for
 * requests to amoCRM.
 */
export type SmsFaultCode =
  | "rate_limited"
  | "slot_refused"
  | "timeout"
  | "connection_failed"
  | "connection_lost"
  | "server_error"
  | "unexpected_answer"
  | "sms_unauthorized"
  | "sms_wrong_address"
  | "sms_sender_refused"
  | "sms_no_money"
  | "sms_refused";

/** Why an SMS was not taken. Holds no number, no text, no key, and none of Mobizon's own words. */
export interface SmsFault {
  code: SmsFaultCode;
  /** The pace's own code for `slot_refused`; otherwise null. */
  causeCode: string | null;
  /** An English sentence that says what to do, fit for a log and for the message's row. */
  message: string;
  waitMs: number | null;
  /** False when certainly nothing left this process. */
  isSent: boolean;
}

/** A request that did not, or not certainly, do what it was for. */
export interface SmsFailed {
  verdict: FailedRequest["verdict"];
  fault: SmsFault;
}

/** What came of one request. `uncertain`: Mobizon may have done it. */
export type SmsAnswer<Value> = { verdict: "delivered"; value: Value } | SmsFailed;
