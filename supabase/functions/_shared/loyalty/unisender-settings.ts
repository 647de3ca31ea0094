import { z } from "zod";
import { type Configured, unconfigured } from "../platform/configured.ts";
import { isSafeUrl, UNSAFE } from "../platform/safe-url.ts";

/** What unisender-drain needs. */
export interface UnisenderAccess {
  apiKey: string;
  /** Origin, without a slash at the end. */
  baseUrl: string;
  sender: { name: string; email: string };
}

const KNOWN_NAMES = ["UNISENDER_API_KEY", "UNISENDER_BASE_URL", "MAIL_FROM"];
const UNISENDER_URL = "https://api.unisender.com";
/** `Name <address>`, or the address alone. */
const SENDER = /^(?:(.*?)\s*<)?\s*([^\s<>@,;]+@[^\s<>@,;]+\.[^\s<>@,;]+?)\s*>?$/s;

const text = z
  .string()
  .trim()
  .transform((value) => (value === "" ? undefined : value))
  .optional();
const Variables = z.object({
  UNISENDER_API_KEY: text
    .pipe(z.string("is not set"))
    .pipe(z.string().regex(/^[\x21-\x7e]+$/, "has characters that no key has")),
  UNISENDER_BASE_URL: text.pipe(
    z
      .url({ protocol: /^https?$/, error: "must be a URL" })
      .refine(isSafeUrl, UNSAFE)
      .optional(),
  ),
  MAIL_FROM: text
    .pipe(z.string("is not set"))
    .pipe(z.string().regex(SENDER, "must be a sender such as School <hello@school.example>")),
});

/** Parses the environment once. What is missing or malformed is named, and so is a variable that looks misspelt. */
export function parseUnisenderSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Configured<UnisenderAccess> {
  const parsed = Variables.safeParse(environment);
  if (!parsed.success) {
    const faults = new Map<string, string>();
    for (const issue of parsed.error.issues) faults.set(String(issue.path[0]), issue.message);
    return unconfigured(faults, environment, KNOWN_NAMES);
  }
  const { UNISENDER_API_KEY, UNISENDER_BASE_URL, MAIL_FROM } = parsed.data;
  return {
    state: "ready",
    access: {
      apiKey: UNISENDER_API_KEY,
      baseUrl: (UNISENDER_BASE_URL ?? UNISENDER_URL).replace(/\/+$/, ""),
      sender: senderOf(MAIL_FROM),
    },
  };
}

/** Unisender takes no address for a name: without a name it is the domain. */
function senderOf(from: string): { name: string; email: string } {
  const [, typed = "", email = ""] = SENDER.exec(from) ?? [];
  const name = typed.replace(/^"(.*)"$/s, "$1").trim();
  return { name: name === "" || name.includes("@") ? email.replace(/^.*@/, "") : name, email };
}
