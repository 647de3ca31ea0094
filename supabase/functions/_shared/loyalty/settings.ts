import { z } from "zod";
import type { Configured } from "../platform/configured.ts";
import { originOf, parseVariables, secret, serviceUrl } from "../platform/variables.ts";

/** What reading orders from Qtickets needs. */
export interface QticketsAccess {
  token: string;
  /** Origin, without a slash at the end. */
  baseUrl: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const KNOWN_NAMES = ["QTICKETS_TOKEN", "QTICKETS_BASE_URL", "QTICKETS_WEBHOOK_SECRET"];
const QTICKETS_URL = "https://qtickets.ru";

const Variables = z.object({
  QTICKETS_TOKEN: secret("token"),
  QTICKETS_BASE_URL: serviceUrl,
});

/** Parses the environment once. What is missing or malformed is named, and so is a variable that looks misspelt. */
export function parseQticketsSettings(environment: Environment): Configured<QticketsAccess> {
  const parsed = parseVariables(Variables, environment, KNOWN_NAMES);
  if (parsed.state !== "ready") return parsed;
  const { QTICKETS_TOKEN, QTICKETS_BASE_URL } = parsed.values;
  return {
    state: "ready",
    access: { token: QTICKETS_TOKEN, baseUrl: originOf(QTICKETS_BASE_URL, QTICKETS_URL) },
  };
}
