import { z } from "zod";
import { type Configured, unconfigured } from "../platform/configured.ts";
import { isSafeUrl, UNSAFE } from "../platform/safe-url.ts";

/** What reading orders from Qtickets needs. */
export interface QticketsAccess {
  token: string;
  /** Origin, without a slash at the end. */
  baseUrl: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const KNOWN_NAMES = ["QTICKETS_TOKEN", "QTICKETS_BASE_URL", "QTICKETS_WEBHOOK_SECRET"];
const QTICKETS_URL = "https://qtickets.ru";

const text = z
  .string()
  .trim()
  .transform((value) => (value === "" ? undefined : value))
  .optional();
const Variables = z.object({
  QTICKETS_TOKEN: text
    .pipe(z.string("is not set"))
    .pipe(z.string().regex(/^[\x21-\x7e]+$/, "has characters that no token has")),
  QTICKETS_BASE_URL: text.pipe(
    z
      .url({ protocol: /^https?$/, error: "must be a URL" })
      .refine(isSafeUrl, UNSAFE)
      .optional(),
  ),
});

/** Parses the environment once. What is missing or malformed is named, and so is a variable that looks misspelt. */
export function parseQticketsSettings(environment: Environment): Configured<QticketsAccess> {
  const parsed = Variables.safeParse(environment);
  if (!parsed.success) {
    const faults = new Map<string, string>();
    for (const issue of parsed.error.issues) faults.set(String(issue.path[0]), issue.message);
    return unconfigured(faults, environment, KNOWN_NAMES);
  }
  const { QTICKETS_TOKEN, QTICKETS_BASE_URL } = parsed.data;
  const baseUrl = (QTICKETS_BASE_URL ?? QTICKETS_URL).replace(/\/+$/, "");
  return { state: "ready", access: { token: QTICKETS_TOKEN, baseUrl } };
}
