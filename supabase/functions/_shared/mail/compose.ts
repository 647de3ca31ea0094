import type { MailMessage, MailSettings } from "./message.ts";
import type { MailBody } from "./port.ts";

/** Who sends, and where links lead. */
export interface Sender {
  /** As a mail's From header has it: `Name <address>` or an address. */
  from: string;
  /** The name alone, for the text. */
  name: string;
  replyTo: string | null;
  /** The page with the button, without a fragment. */
  welcomePageUrl: string;
  /** The function behind the buttons of mailboxes, without a token. */
  unsubscribeUrl: string;
  /** The page for unsubscribing, without a fragment; null if UNSUBSCRIBE_PAGE_URL is not set. */
  unsubscribePageUrl: string | null;
  /** By which variables the addresses of short links are made. */
  addresses: Readonly<Record<string, string | undefined>>;
  /** Where alerts go; null if ADMIN_EMAIL is not set. */
  adminEmail: string | null;
  /** The Supabase project by its host: an admin of two is to know which one writes. */
  project: string;
}

/** A mail to be sent, or why there is none. */
export type Composed =
  | { ok: true; body: MailBody }
  | { ok: false; verdict: "rejected" | "superseded"; code: string; message: string };

/** Makes the mail of one kind. Pure: the same message and settings give the same bytes. */
export type Compose = (message: MailMessage, settings: MailSettings, sender: Sender) => Composed;
