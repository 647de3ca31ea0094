import type { Unreadable } from "../../outbox/claimed.ts";
import type { MessageEnd } from "../../outbox/port.ts";
import type { Contact, CustomField, Pipeline } from "../api/entities.ts";
import type { Configuration } from "../configuration.ts";
import type { Message, Progress } from "../message.ts";

/** Messages that are leased now, and what the admin has configured at this moment. */
interface Claim {
  configuration: Configuration;
  mirror: MirrorState;
  doubts: Doubt[];
  /** Operations that failed for somebody since they were last answered. */
  troubles: string[];
  messages: Message[];
  unreadable?: readonly Unreadable[];
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
  /** How far amoCRM's clock was ahead when it last told; null if it never did. */
  clockOffsetMs: number | null;
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
  /** There is none but one that was deleted a while ago: only amoCRM knows whether somebody has restored it. */
  mayBeRestored: boolean;
  /** A contact of somebody else that has the phone (rule 2). */
  strangerId: number | null;
}

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
  /** The contact was seen in amoCRM just now, whatever the mirror thinks. */
  isAlive?: boolean;
  /** Which of the message's keys were put on the contact. */
  puts?: readonly ("email" | "phone")[];
  /** What was taken off the contact. */
  takesOff?: Message["takesOff"];
  /** The e-mails that the contact was found with in amoCRM. */
  seenEmails?: readonly string[];
  /** The message's phone is on the card of somebody else: it is that one's key from now on. */
  yieldsPhoneTo?: number;
  /** What looks like one and is two, as far as it was noticed. */
  duplicates?: readonly Duplicate[];
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

/** Of what a custom field is. */
export type FieldEntity = "contact" | "deal";

/** A custom field of the account, as values are told for it. */
export interface AccountField {
  id: number;
  name: string;
  code: string | null;
  type: string;
  choices: { id: number; value: string }[];
}

/** The end of a turn that was about amoCRM: what was reached there, and what went less well. */
export interface Settlement extends MessageEnd {
  /** A create failed with other messages in the request: one of them may be what the server cannot cope with. */
  failedInCompany: boolean;
  contactId: number | null;
  dealId: number | null;
  progress: Progress;
  warnings: Warning[];
  duplicates: Duplicate[];
}

/** Port: the queue to amoCRM, by its named SQL functions. Methods with a token throw LeaseLostError once another drain took over. */
export interface Outbox {
  claim(token: string, limit: number): Promise<Claim>;
  /** The contacts of messages by the mirror; only for one that is complete. */
  match(ids: readonly number[]): Promise<Match[]>;
  /**
   * Stores contacts that changed of late; what the database refuses of them is set aside. With a time, all changes up to
   * it are in the mirror from now on.
   */
  storeLook(contacts: readonly Contact[], changedUntil: string | null): Promise<void>;
  /** The look came to nothing: it is not tried again for a while, and only the messages told stay claimed. */
  voidLook(token: string, ids: readonly number[]): Promise<ReadonlySet<number>>;
  /** Those of the deals that were made for other rows than this one. */
  dealsOfOthers(subjectId: string, dealIds: readonly number[]): Promise<ReadonlySet<number>>;
  /** Commits the intent; only the messages told may be sent. */
  markSent(token: string, ids: readonly number[], step: string): Promise<Set<number>>;
  record(token: string, facts: readonly Fact[]): Promise<void>;
  /** Tells the ids that were settled; the others were stale. */
  settle(token: string, settlements: readonly Settlement[]): Promise<Set<number>>;
  /** How far amoCRM's clock is ahead of ours, for those who come later. */
  noteClock(offsetMs: number): Promise<void>;
  /** How many items a request may hold from now on; null when amoCRM copes with full batches. */
  limitBatches(size: number | null): Promise<void>;
  /** The same for an hour, for requests that are larger than the usual ones. */
  limitLargeBatches(size: number): Promise<void>;
  storePipelines(pipelines: readonly Pipeline[]): Promise<void>;
  /** What the mapped fields of contacts or deals are; null if the account did not tell. */
  storeFieldTypes(
    token: string,
    entity: "contact" | "deal",
    fields: readonly CustomField[] | null,
  ): Promise<void>;
  /** The account's custom fields as last read; null if never. */
  customFields(entity: FieldEntity): Promise<{ fields: AccountField[]; ageMs: number } | null>;
  storeCustomFields(token: string, entity: FieldEntity, fields: readonly CustomField[]): Promise<void>;
  /** May this drain find or make the marker field? Only if there is none and nobody has tried for a day. */
  beginMarker(token: string): Promise<boolean>;
  endMarker(token: string, end: MarkerEnd): Promise<void>;
}

/** The id of the deal field that carries our lead's id, or why there is none. */
export type MarkerEnd = { fieldId: number } | { code: string; message: string };
