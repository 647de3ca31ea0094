import type { Unreadable } from "../outbox/claimed.ts";
import type { MessageEnd } from "../outbox/port.ts";
import type { SmsMessage, SmsSettings } from "./message.ts";
import type { SmsAnswer } from "./verdict.ts";

/** One SMS as Mobizon takes it. */
interface Sms {
  /** International, digits only. */
  recipient: string;
  text: string;
  /** The registered sender; null for the account's default. */
  sender: string | null;
  /** The campaign's name, by which the SMS is found if its answer is lost. */
  name: string;
}

/** Where Mobizon has an SMS. */
export interface Accepted {
  campaignId: string;
  mobizonId: string;
  /** It waits for a moderator. */
  isModerated: boolean;
}

/** What Mobizon did with a request to send: it took it, or put it into its queue of tasks. */
export type Sent = Accepted | { taskId: string };

/** What a look for a lost answer came to. `unclear`: what is there cannot be told. */
export type Looked = { found: Accepted } | { found: null; isUnclear: boolean };

/** What a look goes by. */
export interface Sought {
  recipient: string;
  name: string;
  /** Campaigns that are known to be other messages'. */
  knownCampaigns: readonly string[];
}

/** How far a task of Mobizon is. */
export type TaskState = "waiting" | "done" | "declined" | "unknown";

/** Port: the SMS service. Never throws for what the network or the server does. */
export interface SmsService {
  send(sms: Sms): Promise<SmsAnswer<Sent>>;
  look(sought: Sought): Promise<SmsAnswer<Looked>>;
  taskState(taskId: string): Promise<SmsAnswer<TaskState>>;
  /** The present status by Mobizon's id; those that it does not know are missing. */
  statuses(ids: readonly string[]): Promise<SmsAnswer<{ id: string; status: string }[]>>;
  balance(): Promise<SmsAnswer<{ balance: number; currency: string }>>;
}

/** Messages that are leased now, and what the admin has configured at this moment. */
interface SmsClaim {
  settings: SmsSettings;
  /** Operations that failed for somebody since they were last answered. */
  troubles: string[];
  messages: SmsMessage[];
  /** Claimed as well, and put back or ended by a gate or a bound. */
  shutOutCount: number;
  unreadable?: readonly Unreadable[];
}

/** The end of an SMS's turn, with what is known of it at Mobizon. */
export interface SmsSettlement extends MessageEnd {
  accepted: Accepted | null;
  /** What a later look needs; null leaves it as it is. */
  progress: { lookCount?: number; taskId?: string | null } | null;
}

/** What Mobizon is to be asked about now. */
interface ReportsDue {
  ids: string[];
  isBalanceDue: boolean;
  /** Nothing is sent without money; false for an account that pays afterwards. */
  needsMoney: boolean;
}

/** Port: the queue of SMS, by its named SQL functions. Methods with a token throw LeaseLostError once another drain took over. */
export interface SmsQueue {
  claim(token: string, limit: number): Promise<SmsClaim>;
  /** Commits the intent and tells the campaign's name; null if the SMS must not be sent now. */
  intend(token: string, id: number, text: string): Promise<string | null>;
  /** Tells the ids that were settled; the others were stale. */
  settle(token: string, settlements: readonly SmsSettlement[]): Promise<Set<number>>;
  reportsDue(limit: number): Promise<ReportsDue>;
  recordReports(asked: readonly string[], reports: readonly { id: string; status: string }[]): Promise<void>;
  /** Null if it was asked for in vain. */
  recordBalance(balance: { balance: number; currency: string } | null): Promise<void>;
}

/** Port: where the webhook's hints go. */
export interface SmsHints {
  record(eventId: string, mobizonId: string): Promise<"recorded" | "repeated" | "unknown">;
}
