import { z } from "zod";
import { type Configured, unconfigured } from "../platform/settings.ts";
import type { Sender } from "./compose.ts";

/** What message-drain needs to send mails. */
export interface MailAccess {
  apiKey: string;
  /** Origin of Resend's API, without a slash at the end. */
  baseUrl: string;
  sender: Sender;
  /** Variables without which mails go out, but not all of them. */
  lacking: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const KNOWN_NAMES = [
  "RESEND_API_KEY",
  "RESEND_BASE_URL",
  "RESEND_WEBHOOK_SECRET",
  "MAIL_FROM",
  "MAIL_REPLY_TO",
  "WELCOME_PAGE_URL",
  "ADMIN_EMAIL",
];
const RESEND_URL = "https://api.resend.com";

const text = z
  .string()
  .trim()
  .transform((value) => (value === "" ? undefined : value))
  .optional();
const required = text.pipe(z.string("is not set"));
/** `Name <address>`, or the address alone. */
const FROM = /^(?:([^<>]+?)\s*)?<\s*([^\s<>@]+@[^\s<>@]+)\s*>$|^([^\s<>@]+@[^\s<>@]+)$/;

const PageUrl = z
  .url({
    protocol: /^https?$/,
    error: "must be the address of the page with the button, such as https://school.example/welcome.html",
  })
  .refine((url) => !url.includes("#"), "must have no #: the token is put behind one");
const AdminEmail = text.pipe(z.email().optional());
const Variables = z.object({
  RESEND_API_KEY: required.pipe(z.string().regex(/^[\x21-\x7e]+$/, "has characters that no key has")),
  RESEND_BASE_URL: text.pipe(z.url({ protocol: /^https?$/, error: "must be a URL" }).optional()),
  MAIL_FROM: required.pipe(z.string().regex(FROM, "must look like: School <hello@school.example>")),
  MAIL_REPLY_TO: text.pipe(z.email("must be an e-mail address").optional()),
  WELCOME_PAGE_URL: required.pipe(PageUrl),
});

/** Parses the environment once. What is missing or malformed is named, and so is a variable that looks misspelt. */
export function parseMailSettings(environment: Environment): Configured<MailAccess> {
  const parsed = Variables.safeParse(environment);
  if (!parsed.success) {
    const faults = new Map<string, string>();
    for (const issue of parsed.error.issues) faults.set(String(issue.path[0]), issue.message);
    return unconfigured(faults, environment, KNOWN_NAMES);
  }
  // Apart from the others: students get their welcome whatever is wrong with the admin's address.
  const adminEmail = AdminEmail.safeParse(environment["ADMIN_EMAIL"]).data ?? null;
  const { RESEND_API_KEY, RESEND_BASE_URL, MAIL_FROM, MAIL_REPLY_TO, WELCOME_PAGE_URL } = parsed.data;
  return {
    state: "ready",
    access: {
      apiKey: RESEND_API_KEY,
      baseUrl: (RESEND_BASE_URL ?? RESEND_URL).replace(/\/+$/, ""),
      sender: {
        from: MAIL_FROM,
        name: senderName(MAIL_FROM),
        replyTo: MAIL_REPLY_TO ?? null,
        welcomePageUrl: WELCOME_PAGE_URL,
        adminEmail,
      },
      lacking: adminEmail === null ? ["ADMIN_EMAIL"] : [],
    },
  };
}

/** WELCOME_PAGE_URL alone, for the function behind the page's button; undefined if it is not set or malformed. */
export function welcomePageUrl(environment: Environment): string | undefined {
  return text.pipe(PageUrl).safeParse(environment["WELCOME_PAGE_URL"]).data;
}

/** How the mail names its sender: by the name, else by the domain. */
function senderName(from: string): string {
  const [, name, , address] = FROM.exec(from) ?? [];
  const plain = name?.replace(/^"(.*)"$/, "$1").trim();
  return plain || (address ?? from).replace(/^.*@|>.*$/g, "");
}
