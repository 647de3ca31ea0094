import { z } from "zod";
import type { Configured } from "../platform/configured.ts";
import { originOf, parseVariables, secret, serviceUrl } from "../platform/variables.ts";

/** What sms-drain needs to send SMS. */
export interface SmsAccess {
  apiKey: string;
  /** Origin of Mobizon's API, without a slash at the end. */
  baseUrl: string;
}

const KNOWN_NAMES = ["MOBIZON_API_KEY", "MOBIZON_BASE_URL", "MOBIZON_WEBHOOK_SECRET"];
/** Kazakhstan's; each country has its own. */
const MOBIZON_URL = "https://api.mobizon.kz";

const Variables = z.object({
  MOBIZON_API_KEY: secret("key"),
  MOBIZON_BASE_URL: serviceUrl,
});

/** Parses the environment once. What is missing or malformed is named, and so is a variable that looks misspelt. */
export function parseSmsSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Configured<SmsAccess> {
  const parsed = parseVariables(Variables, environment, KNOWN_NAMES);
  if (parsed.state !== "ready") return parsed;
  const { MOBIZON_API_KEY, MOBIZON_BASE_URL } = parsed.values;
  return {
    state: "ready",
    access: { apiKey: MOBIZON_API_KEY, baseUrl: originOf(MOBIZON_BASE_URL, MOBIZON_URL) },
  };
}
