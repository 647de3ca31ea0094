import type { FailedRequest } from "../outbox/port.ts";

/**
 * Every code that a mail's fault can carry, a row of amocrm.error_policies each. Those without `mail_` are the same for
 * requests to amoCRM.
 */
export type MailFaultCode =
  | "rate_limited"
  | "slot_refused"
  | "timeout"
  | "connection_failed"
  | "connection_lost"
  | "server_error"
  | "unexpected_answer"
  | "refusal_unreadable"
  | "mail_unauthorized"
  | "mail_forbidden"
  | "mail_wrong_address"
  | "mail_quota_exceeded"
  | "mail_in_progress"
  | "mail_key_taken"
  /** Resend takes no mail from this sender. */
  | "mail_sender_refused"
  /** Refused although the recipient is plainly good: what all mails have in common is in the way, not this one. */
  | "mail_refused_unexplained"
  | "mail_refused";

/** Why a mail was not taken. Holds no address and none of Resend's own words, which may quote one. */
export interface MailFault {
  code: MailFaultCode;
  /** The pace's own code for `slot_refused`; otherwise null. */
  causeCode: string | null;
  /** An English sentence that says what to do, fit for a log and for the message's row. */
  message: string;
  waitMs: number | null;
  /** False when certainly nothing left this process. */
  isSent: boolean;
}

/** What came of one request. `uncertain`: Resend may have taken the mail; the same key and body may be sent again. */
export type MailAnswer =
  | { verdict: "delivered"; resendId: string }
  | { verdict: FailedRequest["verdict"]; fault: MailFault };

/** A request that did not, or not certainly, hand over the mail. */
export type MailFailed = Extract<MailAnswer, { fault: MailFault }>;
