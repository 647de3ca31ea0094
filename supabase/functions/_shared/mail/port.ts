import type { LeasedQueue, MessageEnd } from "../outbox/port.ts";
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
export interface MailClaim {
  settings: MailSettings;
  messages: MailMessage[];
}

/** The end of a mail's turn, with the id by which Resend knows it. */
export interface MailSettlement extends MessageEnd {
  resendId: string | null;
}

/** Port: the queue of mails, by its named SQL functions. Methods with a token throw LeaseLostError once another drain took over. */
export interface MailQueue extends LeasedQueue {
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
  happenedAt: string;
  /** The address does not exist; a full mailbox is no such thing. */
  isPermanent: boolean;
  /** In Resend's own words for the kind of fault, without any address. */
  reason: string | null;
}

/** Port: where events are kept. */
export interface MailEvents {
  record(event: MailEvent): Promise<"recorded" | "repeated" | "unknown">;
}

/** What a pressed link is answered. */
export type Press =
  | { outcome: "granted"; email: string }
  | { outcome: "unknown" | "expired" | "password_set" | "too_many" };

/** Port: the links of welcome mails. */
export interface WelcomeLinks {
  press(token: string): Promise<Press>;
}

/** Port: the part of the project's auth service that a pressed link needs. */
export interface Recovery {
  /** A link that signs the user in once, to set a password, and then leads to `redirectTo`. */
  linkFor(email: string, redirectTo: string): Promise<string>;
}
