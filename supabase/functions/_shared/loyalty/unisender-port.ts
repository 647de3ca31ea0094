import type { FailedRequest, MessageEnd } from "../outbox/port.ts";
import type { UnisenderFaultCode } from "./unisender/codes.ts";
import type { CampaignMessage, ContactMessage } from "./unisender/message.ts";

/** Why Unisender did not do something. Holds no address, no text, no key. */
export interface UnisenderFault {
  code: UnisenderFaultCode;
  /** The pace's own code for `slot_refused`; otherwise null. */
  causeCode: string | null;
  /** An English sentence that says what to do, fit for a log and for the message's row. */
  message: string;
  waitMs: number | null;
  /** False when certainly nothing left this process. */
  isSent: boolean;
}

/** A request that did not, or not certainly, do what it was for. */
export interface UnisenderFailed {
  verdict: FailedRequest["verdict"];
  fault: UnisenderFault;
}

/** What came of one request. `uncertain`: Unisender may have done it. */
export type UnisenderAnswer<Value> = { verdict: "delivered"; value: Value } | UnisenderFailed;

/** A row of an import. */
export interface ContactRow {
  email: string;
  tags: readonly string[];
}

/** A mail as Unisender takes it for a campaign: to the contacts of a list that have a tag. */
interface CampaignMail {
  listId: string;
  tag: string;
  subject: string;
  body: string;
}

/** A campaign as Unisender tells it; `count` is null where it does not say. */
export interface Created {
  campaignId: string;
  status: string;
  count: number | null;
}

/** Port: Unisender. Never throws for what the network or the server does. */
export interface UnisenderService {
  /** The list by its title, made if there is none. */
  list(title: string): Promise<UnisenderAnswer<string>>;
  /** What is held against single rows, by their place; the others were taken. Repeating it is harmless. */
  importContacts(
    listId: string,
    rows: readonly ContactRow[],
  ): Promise<UnisenderAnswer<ReadonlyMap<number, string>>>;
  deleteContacts(emails: readonly string[]): Promise<UnisenderAnswer<ReadonlyMap<number, string>>>;
  exclude(listId: string, email: string): Promise<UnisenderAnswer<null>>;
  createMessage(mail: CampaignMail): Promise<UnisenderAnswer<string>>;
  createCampaign(messageId: string, startAtMs: number): Promise<UnisenderAnswer<Created>>;
  /** The campaign of a mail, looked for around the moment when it was to begin. */
  findCampaign(
    messageId: string,
    startAtMs: number,
  ): Promise<UnisenderAnswer<{ found: Created | null; isUnclear: boolean }>>;
  campaignStatus(campaignId: string): Promise<UnisenderAnswer<string>>;
  campaignTotal(campaignId: string): Promise<UnisenderAnswer<number | null>>;
  cancelCampaign(campaignId: string): Promise<UnisenderAnswer<null>>;
  unsubscribed(listId: string, offset: number): Promise<UnisenderAnswer<{ emails: string[]; count: number }>>;
}

/** What is leased now. */
export interface UnisenderClaim {
  listId: string | null;
  troubles: string[];
  contacts: ContactMessage[];
  campaigns: CampaignMessage[];
  /** Claimed as well, and put back or ended by the gate. */
  shutOutCount: number;
}

/** The end of a contact's or a campaign's turn, with what is known of it at Unisender. */
export interface UnisenderSettlement extends MessageEnd {
  progress: { lookCount?: number } | null;
  contact?: { state: "accepted" | "refused" | "removed"; tags: readonly string[] };
  campaign?: Created;
}

/** What Unisender is to be asked about now. */
interface LooksDue {
  campaigns: { id: string; campaignId: string; cancels: boolean; needsCount: boolean }[];
  /** The list whose unsubscribed contacts are to be read. */
  listId: string | null;
}

/** What Unisender said of a campaign. */
interface CampaignLook {
  status: string | null;
  count: number | null;
  isCanceled: boolean;
}

/** Port: the queue of Unisender, by its named SQL functions. Methods with a token throw LeaseLostError once another drain took over. */
export interface UnisenderQueue {
  claim(token: string, limit: number): Promise<UnisenderClaim>;
  storeList(listId: string): Promise<void>;
  draft(token: string, id: number, messageId: string): Promise<void>;
  /** Commits the intent; false if the campaign must not be created now. */
  intend(token: string, id: number, startAtMs: number): Promise<boolean>;
  settle(token: string, settlements: readonly UnisenderSettlement[]): Promise<Set<number>>;
  looksDue(): Promise<LooksDue>;
  recordLook(id: string, look: CampaignLook): Promise<void>;
  recordUnsubscribed(emails: readonly string[]): Promise<number>;
  unsubscribedRead(): Promise<void>;
}

/** What a call of the webhook says of a contact or a campaign. */
export interface UnisenderEvent {
  type: "unsubscribed" | "bounced" | "complained" | "campaign";
  email?: string;
  campaign_id?: string;
}

/** Port: where the webhook's events go, each call once. */
export interface UnisenderEvents {
  record(key: string, events: readonly UnisenderEvent[]): Promise<"recorded" | "repeated">;
}
