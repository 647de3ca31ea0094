import type { Pipeline } from "../amocrm/entities.ts";
import type { Configuration } from "./configuration.ts";
import type { Message, Progress } from "./message.ts";

/** How a drain's wish to begin was answered. */
export type DrainStart = "granted" | "busy" | "paused" | "breaker_open";

/** Messages that are leased now, and what the admin has configured at this moment. */
export interface Claim {
  configuration: Configuration;
  messages: Message[];
}

/** The right to send one request after `waitMs`, or why not. */
export type Slot =
  | { granted: true; isProbe: boolean; waitMs: number; intervalMs: number }
  | { granted: false; code: string; message: string; waitMs: number | null };

/** What an answered request achieved for one message. */
export interface Fact {
  id: number;
  progress: Progress;
  contactId?: number | null;
  dealId?: number | null;
  /** The contact was deleted in amoCRM: the link to it goes. */
  dropsContact?: boolean;
}

export interface Warning {
  code: string;
  message: string;
}

/** Two things in amoCRM, or two people, that look like one; listed for a person to decide. */
export interface Duplicate {
  type: "contact" | "deal";
  keptId: number;
  otherId: number;
  reason: string;
}

/** The end of one message's turn. */
export interface Settlement {
  id: number;
  verdict: "delivered" | "retry" | "uncertain" | "rejected" | "superseded";
  spendsAttempt: boolean;
  waitMs: number;
  code: string | null;
  message: string | null;
  contactId: number | null;
  dealId: number | null;
  progress: Progress;
  warnings: Warning[];
  duplicates: Duplicate[];
}

/** Port: the queue, by its named SQL functions. Methods with a token throw LeaseLostError once another drain took over. */
export interface Outbox {
  begin(token: string): Promise<DrainStart>;
  claim(token: string, limit: number): Promise<Claim>;
  /** Commits the intent; only the messages told may be sent. */
  markSent(token: string, ids: readonly number[], step: string): Promise<Set<number>>;
  record(token: string, facts: readonly Fact[]): Promise<void>;
  /** Tells the ids that were settled; the others were stale. */
  settle(token: string, settlements: readonly Settlement[]): Promise<Set<number>>;
  extend(token: string): Promise<void>;
  /** True if something is due: then the queue has rung for the next drain. */
  end(token: string): Promise<boolean>;
  /** For a moment after the end: an insert that was under way then rang no bell. True if something is due after all. */
  lookAgain(): Promise<boolean>;
  storePipelines(pipelines: readonly Pipeline[]): Promise<void>;
}

/** Port: the account's pace and breaker. `token` is null for requests outside of a drain. */
export interface Pace {
  reserveSlot(token: string | null, sinceDepartureMs: number | null, maxWaitMs: number): Promise<Slot>;
  slowDown(waitMs: number, reason: string): Promise<void>;
  openBreaker(opening: BreakerOpening): Promise<void>;
  closeBreaker(): Promise<void>;
}

export interface BreakerOpening {
  code: string;
  message: string;
  firstDelaySeconds: number;
  maxDelaySeconds: number;
}

/** Port: a component's sign of life. */
export interface Heartbeat {
  beat(
    state: "ok" | "disabled" | "unconfigured" | "failed",
    missing: readonly string[],
    detail: string | null,
  ): Promise<void>;
}

/** The drain's lease is lost (SQLSTATE OB001): stop without sending. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
  readonly code = "lease_lost";
}
