import type { Pipeline } from "./api/entities.ts";
import type { Failed } from "./api/verdict.ts";
import type { Configuration } from "./configuration.ts";
import type { AccountFields } from "./drain/account-fields.ts";
import type { Perform } from "./drain/batch.ts";
import type { Duplicate, Fact, Match, Warning } from "./drain/port.ts";
import type { Message } from "./message.ts";

/** What a handler may use. Only `perform` reaches amoCRM. */
export interface Tools {
  configuration: Configuration;
  /** What the mirror knows of the person; null if it cannot answer, then amoCRM is asked. */
  match: Match | null;
  /** False if another message works on the contact, or does not know yet what it made for it. */
  reserveContact(contactId: number): boolean;
  /** The pipeline of a route: its own, or the account's main one; null if the account tells none. */
  pipelineId(routePipelineId: number | null): Promise<Result<number | null>>;
  /** False if another message of the batch works on the deal: two moves of one deal must not travel together. */
  takesDeal(dealId: number): boolean;
  /** Those of the deals that were made for other leads and students. */
  dealsOfOthers(dealIds: readonly number[]): Promise<ReadonlySet<number>>;
  /** A pipeline with its stages in order; read anew if one of those named is not known. Null if there is none such. */
  pipeline(pipelineId: number, statusIds: readonly number[]): Promise<Result<Pipeline | null>>;
  /** The account's custom fields, where messages of the batch name some; null where the account does not tell. */
  fields: AccountFields;
  perform: Perform;
  /** A 404 for what amoCRM has all the same: no fault of the message, it counts for the account. */
  dispute(failed: Failed): Promise<Failed>;
  /** Records what is true from now on, whatever becomes of the message. */
  record(fact: Omit<Fact, "id">): Promise<void>;
  /** Something that went less well although the message will be delivered; ends up on its row. */
  warn(warning: Warning): void;
  /** Two things in amoCRM that look like one. */
  duplicate(duplicate: Duplicate): void;
  nowMs(): number;
  /** The moment by amoCRM's own clock, by which its lists go. */
  accountMs(ourMs: number): number;
}

/** A value, or the request that failed on the way to it. */
export type Result<T> = { ok: true; value: T } | { ok: false; end: End };

/** Why a message is over although not all of it was done: a code, and a sentence for the admin. */
export interface Reason {
  code: string;
  message: string;
}

/** How a message's turn ended, before it is written down. */
export type End =
  | {
      kind: "delivered";
      contactId: number | null;
      dealId: number | null;
      reason?: Reason;
    }
  /** Nothing to send (any more): the row is gone, or a newer message says it all. */
  | { kind: "superseded"; code: string; message: string }
  /** Not possible yet, and nobody's fault: tried again by the policy of its code. */
  | { kind: "waiting"; code: string; message: string }
  /** Sent without an answer, and not found: looked for again by the policy of its code. */
  | {
      kind: "unanswered";
      code: string;
      message: string;
      lookCount: number;
      /** Refused for another item's sake and not shown as done, at this time by amoCRM's clock. */
      refusedAlongAtMs?: number;
      /** In the company of that many at most it is created from then on. */
      companyLimit?: number;
      isGivenUp?: true;
    }
  /** Will never work as it is: dead, with a reason that a person can act on. */
  | { kind: "rejected"; code: string; message: string }
  | { kind: "failed"; failed: Failed }
  /** The handler itself stumbled: tried again alone, and dead in the end. */
  | { kind: "stumbled"; message: string };

/** Handles one message of a kind, step by step; what `message.progress` has, it does not repeat. */
export type Handler = (message: Message, tools: Tools) => Promise<End>;
