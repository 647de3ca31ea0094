import { z } from "zod";
import { parseJson } from "../../platform/json.ts";
import type { Captcha, CaptchaVerdict } from "./port.ts";
import type { FormSettings } from "./settings.ts";

const TIMEOUT_MS = 5_000;
/** The second one with the same idempotency key, for an answer that was lost. */
const TRIES = 2;

/** What is the project's fault and not the visitor's. */
const OUR_FAULTS: readonly string[] = [
  "missing-input-secret",
  "invalid-input-secret",
  "bad-request",
  "internal-error",
];

const Answer = z.object({
  success: z.boolean(),
  // A code that cannot be read does not hide the others.
  "error-codes": z
    .array(z.unknown())
    .catch([])
    .transform((codes) => codes.filter((code) => typeof code === "string")),
});

/** Cloudflare Turnstile. A token is good once and for five minutes; only Cloudflare can tell. */
export function createTurnstile({ secretKey, verifyUrl }: FormSettings, newId: () => string): Captcha {
  return {
    async check(token, visitorAddress) {
      const body = new URLSearchParams({ secret: secretKey, response: token, idempotency_key: newId() });
      if (visitorAddress !== null) body.set("remoteip", visitorAddress);
      let reason = "";
      for (let attempt = 1; attempt <= TRIES; attempt++) {
        try {
          const response = await fetch(verifyUrl, {
            method: "POST",
            body: new Blob([body.toString()], { type: "application/x-www-form-urlencoded" }),
            signal: AbortSignal.timeout(TIMEOUT_MS),
          });
          const answer = Answer.safeParse(parseJson(await response.text()));
          if (answer.success) return verdictOf(answer.data);
          reason = `answer was ${response.status}, expected a verdict`;
        } catch (error) {
          reason = error instanceof Error ? error.name : "no answer";
        }
      }
      return { state: "unknown", reason };
    },
  };
}

function verdictOf(answer: z.output<typeof Answer>): CaptchaVerdict {
  if (answer.success) return { state: "solved" };
  const codes = answer["error-codes"];
  if (codes.some((code) => OUR_FAULTS.includes(code))) return { state: "unknown", reason: codes.join(", ") };
  return { state: "failed" };
}
