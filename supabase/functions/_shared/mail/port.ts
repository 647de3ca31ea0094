import type { Unreadable } from "../outbox/claimed.ts";
import type { MessageEnd } from "../outbox/port.ts";
import type { MailMessage, MailSettings } from "./message.ts";
import type { MailAnswer } from "./verdict.ts";

/** One mail as Resend's API takes it. A mail is kept in this shape between tries, so it holds nothing that changes. */
export interface MailBody {
  from: string;
  to: string[];
  subject: string;
  html: string;
  text: string;
  reply_to?: string;
  /** Further headers of the mail itself. */
  headers?: Record<string, string>;
  /** Resend repeats them in its webhook calls, by which a mail is recognised before its id is known. */
  tags: { name: string; value: string }[];
}

/** What is to be sent under which key; the body is that of the first try as long as one is in doubt. */
export interface Intent {
  key: string;
  body: MailBody;
  /** The token for the link, where the kind has one. */
  linkToken: string | null;
}

/** Messages that are leased now, and what the admin has configured at this moment. */
interface MailClaim {
  settings: MailSettings;
  /** Operations that failed for somebody since they were last answered. */
  troubles: string[];
  messages: MailMessage[];
  /** Those of the claimed that this version of the function cannot read. */
  unreadable?: readonly Unreadable[];
}

/** The end of a mail's turn, with the id by which Resend knows it. */
export interface MailSettlement extends MessageEnd {
  resendId: string | null;
}

/** Port: the queue of mails, by its named SQL functions. Methods with a token throw LeaseLostError once another drain took over. */
export interface MailQueue {
  claim(token: string, limit: number): Promise<MailClaim>;
  /** Commits the intent; null if the message is another drain's by now. */
  intend(token: string, id: number, body: MailBody): Promise<Intent | null>;
  /** Tells the ids that were settled; the others were stale. */
  settle(token: string, settlements: readonly MailSettlement[]): Promise<Set<number>>;
}

/** Port: hands one mail to Resend. Never throws for what the network or the server does. */
export interface Mailer {
  send(body: MailBody, key: string): Promise<MailAnswer>;
}

/** What Resend told about a mail. */
export interface MailEvent {
  /** The same when the call is repeated. */
  eventId: string;
  type: string;
  /** What it says about the mail's whereabouts; null for what changes nothing, such as an opening. */
  outcome: "sent" | "delayed" | "failed" | "delivered" | "bounced" | "complained" | null;
  resendId: string | null;
  messageId: number | null;
  subjectId: string | null;
  /** Null if the call tells no moment that could be. */
  happenedAt: string | null;
  /** The address does not exist; a full mailbox is no such thing. */
  isPermanent: boolean;
  /** In Resend's own words for the kind of fault, without any address. */
  reason: string | null;
}

/** Port: where events are kept. */
export interface MailEvents {
  record(event: MailEvent): Promise<"recorded" | "repeated" | "unknown">;
}
