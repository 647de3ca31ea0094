import { z } from "zod";
import type { Configured } from "../platform/configured.ts";
import { functionAddress, projectOf } from "../platform/project.ts";
import { isSafeUrl, UNSAFE } from "../platform/safe-url.ts";
import { originOf, parseVariables, required, secret, serviceUrl, text } from "../platform/variables.ts";
import type { Sender } from "./compose.ts";
import { senderAddress } from "./sender-address.ts";

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
  "UNSUBSCRIBE_PAGE_URL",
  "LINK_BASE_URL",
  "ADMIN_EMAIL",
];
const RESEND_URL = "https://api.resend.com";

const PageUrl = z
  .url({
    protocol: /^https?$/,
    error: "must be the address of the page with the button, such as https://school.example/welcome.html",
  })
  .refine((url) => !url.includes("#"), "must have no #: the token is put behind one")
  .refine(isSafeUrl, UNSAFE);
/** Not z.email()'s own pattern: it refuses every domain whose last label is encoded (xn--p1ai, .рф) or in letters of another script. */
const Email = z.email({ pattern: z.regexes.unicodeEmail, error: "must be an e-mail address" });
const AdminEmail = text.pipe(Email.optional());
const Variables = z.object({
  RESEND_API_KEY: secret("key"),
  RESEND_BASE_URL: serviceUrl,
  MAIL_FROM: required.transform((value, context) => {
    const sender = senderAddress(value);
    if (sender !== null) return sender;
    context.addIssue({ code: "custom", message: "must look like: School <hello@school.example>" });
    return z.NEVER;
  }),
  MAIL_REPLY_TO: text.pipe(Email.optional()),
  WELCOME_PAGE_URL: required.pipe(PageUrl),
});

/** Parses the environment once. What is missing or malformed is named, and so is a variable that looks misspelt. */
export function parseMailSettings(environment: Environment): Configured<MailAccess> {
  const parsed = parseVariables(Variables, environment, KNOWN_NAMES);
  if (parsed.state !== "ready") return parsed;
  // Apart from the others: students get their welcome whatever is wrong with the admin's address.
  const adminEmail = AdminEmail.safeParse(environment["ADMIN_EMAIL"]).data ?? null;
  const { RESEND_API_KEY, RESEND_BASE_URL, MAIL_FROM, MAIL_REPLY_TO, WELCOME_PAGE_URL } = parsed.values;
  return {
    state: "ready",
    access: {
      apiKey: RESEND_API_KEY,
      baseUrl: originOf(RESEND_BASE_URL, RESEND_URL),
      sender: {
        from: MAIL_FROM.from,
        name: MAIL_FROM.name,
        replyTo: MAIL_REPLY_TO ?? null,
        welcomePageUrl: WELCOME_PAGE_URL,
        unsubscribeUrl: functionAddress(environment, "unsubscribe"),
        unsubscribePageUrl: text.pipe(PageUrl).safeParse(environment["UNSUBSCRIBE_PAGE_URL"]).data ?? null,
        addresses: {
          LINK_BASE_URL: environment["LINK_BASE_URL"],
          SUPABASE_PUBLIC_URL: environment["SUPABASE_PUBLIC_URL"],
          SUPABASE_URL: environment["SUPABASE_URL"],
        },
        adminEmail,
        project: projectOf(environment),
      },
      lacking: adminEmail === null ? ["ADMIN_EMAIL"] : [],
    },
  };
}

/** WELCOME_PAGE_URL alone, for the function behind the page's button; undefined if it is not set or malformed. */
export function welcomePageUrl(environment: Environment): string | undefined {
  return text.pipe(PageUrl).safeParse(environment["WELCOME_PAGE_URL"]).data;
}
