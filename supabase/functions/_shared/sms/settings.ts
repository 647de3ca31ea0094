import { z } from "zod";
import { type Configured, unconfigured } from "../platform/configured.ts";
import { isSafeUrl, UNSAFE } from "../platform/safe-url.ts";

/** What sms-drain needs to send SMS. */
export interface SmsAccess {
  apiKey: string;
  /** Origin of Mobizon's API, without a slash at the end. */
  baseUrl: string;
}

const KNOWN_NAMES = ["MOBIZON_API_KEY", "MOBIZON_BASE_URL", "MOBIZON_WEBHOOK_SECRET"];
/** Kazakhstan's; each country has its own. */
const MOBIZON_URL = "https://api.mobizon.kz";

const text = z
  .string()
  .trim()
  .transform((value) => (value === "" ? undefined : value))
  .optional();
const Variables = z.object({
  MOBIZON_API_KEY: text.pipe(
    z.string("is not set").regex(/^[\x21-\x7e]+$/, "has characters that no key has"),
  ),
  MOBIZON_BASE_URL: text.pipe(
    z
      .url({ protocol: /^https?$/, error: "must be a URL" })
      .refine(isSafeUrl, UNSAFE)
      .optional(),
  ),
});

/** Parses the environment once. What is missing or malformed is named, and so is a variable that looks misspelt. */
export function parseSmsSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Configured<SmsAccess> {
  const parsed = Variables.safeParse(environment);
  if (!parsed.success) {
    const faults = new Map<string, string>();
    for (const issue of parsed.error.issues) faults.set(String(issue.path[0]), issue.message);
    return unconfigured(faults, environment, KNOWN_NAMES);
  }
  const { MOBIZON_API_KEY, MOBIZON_BASE_URL } = parsed.data;
  return {
    state: "ready",
    access: { apiKey: MOBIZON_API_KEY, baseUrl: (MOBIZON_BASE_URL ?? MOBIZON_URL).replace(/\/+$/, "") },
  };
}
