import type { Contact, Pipeline } from "../amocrm/entities.ts";
import type { Configuration } from "./configuration.ts";
import type { Message, Progress } from "./message.ts";

/** How a drain's wish to begin was answered. */
export type DrainStart = "granted" | "busy" | "paused" | "breaker_open";

/** Messages that are leased now, and what the admin has configured at this moment. */
export interface Claim {
  configuration: Configuration;
  mirror: MirrorState;
  doubts: Doubt[];
  messages: Message[];
}

/** A contact for which a message may have made a deal without an answer; ordered by message. */
export interface Doubt {
  messageId: number;
  contactId: number;
}

/** How far the mirror of contacts has been read. Times are ISO, by the database's clock. */
export interface MirrorState {
  /** The first run is through: whom the mirror does not have, amoCRM did not have at `changedUntil`. */
  isComplete: boolean;
  askedAt: string;
  changedUntil: string | null;
  ageMs: number;
}

/** What the mirror knows of a message's person. */
export interface Match {
  /** Of the message. */
  id: number;
  by: "link" | "email" | "phone" | null;
  contact: Contact | null;
  /** Contacts with the same e-mail or phone that were not chosen. */
  otherIds: number[];
  /** The contact we had linked was deleted in amoCRM. */
  linkedIsDeleted: boolean;
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
  /** The contact is new, and ours: the mirror may have it before amoCRM tells it. */
  makesContact?: boolean;
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
}

/** The end of a turn that was about amoCRM: what was reached there, and what went less well. */
export interface Settlement extends MessageEnd {
  contactId: number | null;
  dealId: number | null;
  progress: Progress;
  warnings: Warning[];
  duplicates: Duplicate[];
}

/** Port: what every queue offers to the one drain that may work on it. Throws LeaseLostError once another took over. */
export interface LeasedQueue {
  begin(token: string): Promise<DrainStart>;
  extend(token: string): Promise<void>;
  /** True if something is due: then the queue has rung for the next drain. */
  end(token: string): Promise<boolean>;
  /** For a moment after the end: an insert that was under way then rang no bell. True if something is due after all. */
  lookAgain(): Promise<boolean>;
}

/** Port: the queue to amoCRM, by its named SQL functions. Methods with a token throw LeaseLostError once another drain took over. */
export interface Outbox extends LeasedQueue {
  claim(token: string, limit: number): Promise<Claim>;
  /** The contacts of messages by the mirror; only for one that is complete. */
  match(ids: readonly number[]): Promise<Match[]>;
  /** Stores contacts that changed of late. With a time, all changes up to it are in the mirror from now on. */
  storeLook(contacts: readonly Contact[], changedUntil: string | null): Promise<void>;
  /** Those of the deals that were made for other rows than this one. */
  dealsOfOthers(subjectId: string, dealIds: readonly number[]): Promise<ReadonlySet<number>>;
  /** Commits the intent; only the messages told may be sent. */
  markSent(token: string, ids: readonly number[], step: string): Promise<Set<number>>;
  record(token: string, facts: readonly Fact[]): Promise<void>;
  /** Tells the ids that were settled; the others were stale. */
  settle(token: string, settlements: readonly Settlement[]): Promise<Set<number>>;
  /** How many items a request may hold from now on; null when amoCRM copes with full batches. */
  limitBatches(size: number | null): Promise<void>;
  storePipelines(pipelines: readonly Pipeline[]): Promise<void>;
  /** May this drain find or make the marker field? Only if there is none and nobody has tried for a day. */
  beginMarker(token: string): Promise<boolean>;
  endMarker(token: string, end: MarkerEnd): Promise<void>;
}

/** The id of the deal field that carries our lead's id, or why there is none. */
export type MarkerEnd = { fieldId: number } | { code: string; message: string };

/** Port: the account's pace and breaker. `token` is null for requests outside of a drain. */
export interface Pace {
  reserveSlot(token: string | null, sinceDepartureMs: number | null, maxWaitMs: number): Promise<Slot>;
  /** What an error means for the account, by amocrm.error_policies; sending is slowed down or stopped by it. */
  reportFault(report: FaultReport): Promise<FaultMeaning>;
  /** A slot for the token endpoint, which pause and breaker let through. Never a probe. */
  reserveTokenSlot(sinceDepartureMs: number | null, maxWaitMs: number): Promise<Slot>;
  closeBreaker(): Promise<void>;
}

/** An answer that was an error, as the account sees it. */
export interface FaultReport {
  code: string;
  /** Why, if that says more: the breaker that it opens is named by it. */
  causeCode: string | null;
  message: string;
  toldWaitMs: number | null;
  /** The how many-th error in a row. */
  count: number;
  isProbe: boolean;
}

/** `stop`: nothing more may be sent now. `counts`: so many more in a row will stop it. `harmless`: amoCRM is well. */
export type FaultMeaning = "stop" | "counts" | "harmless";

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
