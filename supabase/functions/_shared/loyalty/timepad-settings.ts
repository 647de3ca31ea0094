import { z } from "zod";
import { type Configured, unconfigured } from "../platform/configured.ts";
import { isSafeUrl, UNSAFE } from "../platform/safe-url.ts";
import type { QticketsAccess } from "./settings.ts";

/** What reading orders from TimePad needs. */
export interface TimepadAccess {
  token: string;
  /** Origin, without a slash at the end. */
  baseUrl: string;
}

const KNOWN_NAMES = ["TIMEPAD_TOKEN", "TIMEPAD_BASE_URL"];
const TIMEPAD_URL = "https://api.timepad.ru";

const text = z
  .string()
  .trim()
  .transform((value) => (value === "" ? undefined : value))
  .optional();
const Variables = z.object({
  TIMEPAD_TOKEN: text
    .pipe(z.string("is not set"))
    .pipe(z.string().regex(/^[\x21-\x7e]+$/, "has characters that no token has")),
  TIMEPAD_BASE_URL: text.pipe(
    z
      .url({ protocol: /^https?$/, error: "must be a URL" })
      .refine(isSafeUrl, UNSAFE)
      .optional(),
  ),
});

/** Parses the environment once. What is missing or malformed is named, and so is a variable that looks misspelt. */
export function parseTimepadSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Configured<TimepadAccess> {
  const parsed = Variables.safeParse(environment);
  if (!parsed.success) {
    const faults = new Map<string, string>();
    for (const issue of parsed.error.issues) faults.set(String(issue.path[0]), issue.message);
    return unconfigured(faults, environment, KNOWN_NAMES);
  }
  const { TIMEPAD_TOKEN, TIMEPAD_BASE_URL } = parsed.data;
  const baseUrl = (TIMEPAD_BASE_URL ?? TIMEPAD_URL).replace(/\/+$/, "");
  return { state: "ready", access: { token: TIMEPAD_TOKEN, baseUrl } };
}

/** The sellers that are set up: one is enough. A token that is set and malformed is named. */
export function sellersOf(
  qtickets: Configured<QticketsAccess>,
  timepad: Configured<TimepadAccess>,
): Configured<{ qtickets: QticketsAccess | null; timepad: TimepadAccess | null }> {
  const access = {
    qtickets: qtickets.state === "ready" ? qtickets.access : null,
    timepad: timepad.state === "ready" ? timepad.access : null,
  };
  for (const [one, other] of [
    [qtickets, timepad],
    [timepad, qtickets],
  ] as const) {
    const isAbsent = one.state === "unconfigured" && / is not set/.test(one.message);
    if (one.state === "unconfigured" && (!isAbsent || other.state !== "ready")) return one;
  }
  return { state: "ready", access };
}
