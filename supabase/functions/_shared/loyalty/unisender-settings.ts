import { z } from "zod";
import type { Configured } from "../platform/configured.ts";
import { originOf, parseVariables, required, secret, serviceUrl } from "../platform/variables.ts";

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

const Variables = z.object({
  UNISENDER_API_KEY: secret("key"),
  UNISENDER_BASE_URL: serviceUrl,
  MAIL_FROM: required.pipe(
    z.string().regex(SENDER, "must be a sender such as School <hello@school.example>"),
  ),
});

/** Parses the environment once. What is missing or malformed is named, and so is a variable that looks misspelt. */
export function parseUnisenderSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Configured<UnisenderAccess> {
  const parsed = parseVariables(Variables, environment, KNOWN_NAMES);
  if (parsed.state !== "ready") return parsed;
  const { UNISENDER_API_KEY, UNISENDER_BASE_URL, MAIL_FROM } = parsed.values;
  return {
    state: "ready",
    access: {
      apiKey: UNISENDER_API_KEY,
      baseUrl: originOf(UNISENDER_BASE_URL, UNISENDER_URL),
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
