/** How a drain's wish to begin was answered. */
export type DrainStart = "granted" | "busy" | "paused" | "breaker_open";

/** The right to send one request after `waitMs`, or why not. */
export type Slot =
  | { granted: true; isProbe: boolean; waitMs: number; intervalMs: number }
  | { granted: false; code: string; message: string; waitMs: number | null };

/** The end of one message's turn, in whichever queue. Its state, attempts and wait follow from it by amocrm.error_policies, in the database. */
export interface MessageEnd {
  id: number;
  verdict: "delivered" | "retry" | "uncertain" | "rejected" | "superseded";
  /** The error code whose policy applies; `*` for a decision of ours, which is final. */
  policy: string | null;
  /** Something left that this end is about: only then an attempt may be spent. */
  isSent: boolean;
  /** The wait that the other side named. */
  toldWaitMs: number | null;
  /** Chance from 0 up to 1: SQL has none of its own, so that a simulated history can be repeated. */
  jitter: number;
  code: string | null;
  message: string | null;
  /** Says outright whether the turn was an attempt, whatever was sent in it; else the policy says it. */
  spendsAttempt?: boolean | null;
  /** The request that failed with this message alone in it, through nobody's known fault; null if there is none such. */
  loneOperation: string | null;
  /** Operations that were answered in this turn. */
  answered: string[];
}

/** Port: what every queue offers to the one drain that may work on it. Throws LeaseLostError once another took over. */
export interface LeasedQueue {
  begin(token: string): Promise<DrainStart>;
  extend(token: string): Promise<void>;
  /** True if something is due: then the queue has rung for the next drain, unless this one failed. */
  end(token: string, hasFailed: boolean): Promise<boolean>;
  /** For a moment after the end: an insert that was under way then rang no bell. True if something is due after all. */
  lookAgain(): Promise<boolean>;
}

/** Port: the account's pace and breaker. `token` is null for requests outside of a drain. */
export interface Pace {
  reserveSlot(token: string | null, sinceDepartureMs: number | null, maxWaitMs: number): Promise<Slot>;
  /** What an error means for the account, by amocrm.error_policies; sending is slowed down or stopped by it. */
  reportFault(report: FaultReport): Promise<FaultMeaning>;
  /** Operations that failed before were answered: what failed is forgotten. */
  reportAnswer(operations: readonly string[]): Promise<void>;
  /** A slot for the token endpoint, which pause and breaker let through. Never a probe. */
  reserveTokenSlot(sinceDepartureMs: number | null, maxWaitMs: number): Promise<Slot>;
  closeBreaker(): Promise<void>;
}

/** What the guard looks at in a failed request, whichever system failed it. */
export interface FailedRequest {
  verdict: "retry" | "uncertain" | "rejected" | "blocked";
  fault: { code: string; causeCode?: string | null; message: string; waitMs: number | null };
}

/** An answer that was an error, as the account sees it. */
interface FaultReport {
  code: string;
  /** Why, if that says more: the breaker that it opens is named by it. */
  causeCode: string | null;
  message: string;
  toldWaitMs: number | null;
  operation: string;
  /** The messages of the request; requests that share one count as one. */
  messageIds: readonly number[];
  isProbe: boolean;
}

/** `stop`: nothing more may be sent now. `counts`: with more like it, it will stop. `harmless`: amoCRM is well. */
type FaultMeaning = "stop" | "counts" | "harmless";

/** Port: a component's sign of life: that it has begun, and how it ended. */
export interface Heartbeat {
  beat(
    state: "begun" | "ok" | "disabled" | "unconfigured" | "failed",
    missing: readonly string[],
    detail: string | null,
  ): Promise<void>;
}

/** The drain's lease is lost (SQLSTATE OB001): stop without sending. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
  readonly code = "lease_lost";
}
