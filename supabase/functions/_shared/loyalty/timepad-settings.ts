import { z } from "zod";
import type { Configured } from "../platform/configured.ts";
import { originOf, parseVariables, secret, serviceUrl } from "../platform/variables.ts";
import type { QticketsAccess } from "./settings.ts";

/** What reading orders from TimePad needs. */
export interface TimepadAccess {
  token: string;
  /** Origin, without a slash at the end. */
  baseUrl: string;
}

const KNOWN_NAMES = ["TIMEPAD_TOKEN", "TIMEPAD_BASE_URL"];
const TIMEPAD_URL = "https://api.timepad.ru";

const Variables = z.object({
  TIMEPAD_TOKEN: secret("token"),
  TIMEPAD_BASE_URL: serviceUrl,
});

/** Parses the environment once. What is missing or malformed is named, and so is a variable that looks misspelt. */
export function parseTimepadSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Configured<TimepadAccess> {
  const parsed = parseVariables(Variables, environment, KNOWN_NAMES);
  if (parsed.state !== "ready") return parsed;
  const { TIMEPAD_TOKEN, TIMEPAD_BASE_URL } = parsed.values;
  return {
    state: "ready",
    access: { token: TIMEPAD_TOKEN, baseUrl: originOf(TIMEPAD_BASE_URL, TIMEPAD_URL) },
  };
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
