/** How long a request took, and how long it had waited for its slot. */
export interface OutcomeTimes {
  durationMs: number;
  waitedMs: number;
}

/** A status line arrived. The body may still have been lost on the way. */
export interface AnsweredOutcome extends OutcomeTimes {
  kind: "answered";
  httpStatus: number;
  body: string;
  /** Why `body` is not the whole answer; null when it is. */
  bodyFault: BodyFault | null;
  /** The `Retry-After` header as it came. */
  retryAfter: string | null;
  /** Epoch milliseconds, needed when `Retry-After` is a date. */
  answeredAtMs: number;
  /** The `Date` header as it came. */
  date?: string | null;
}

export type BodyFault = "timeout" | "connection_lost" | "answer_too_large";

/** No status line arrived. */
export interface FailedOutcome extends OutcomeTimes {
  kind: "failed";
  reason: "timeout" | "connection_failed" | "connection_lost";
  /** `before` only when certainly no byte of the request was written; in doubt it is `after`. */
  phase: "before" | "after";
}
