import { z } from "zod";

/** What is said of a session service; watch/words/session.ts has the same in Russian. */
export const SESSION_WORDS = {
  unreachable: (url: string) => `service not reachable: ${url}`,
  unknown: (url: string) => `What answers at ${url} is no session service: check AMOCRM_PLAYWRIGHT_URL`,
  signed_out: "The session service is not signed in to amoCRM at the moment: it tries again by itself",
  secret_refused:
    "The session service refuses AMOCRM_PLAYWRIGHT_SECRET: set the one that it was started with",
  secret_malformed: "Set AMOCRM_PLAYWRIGHT_SECRET: it has characters no header can carry",
} as const;

const WHY = {
  password: "amoCRM refuses its e-mail or password",
  second_factor: "amoCRM asks for a second factor",
  robot_check: "amoCRM asks whether it is a robot",
  account_choice: "amoCRM asks which of several accounts is meant",
  page_changed: "amoCRM's sign-in page is not the one that is known",
  session_refused: "amoCRM's API does not take the session of its user",
  browser_missing: "its browser does not start",
} as const;

const Refusal = z.object({
  state: z.string().nullish().catch(null),
  reason: z.string().nullish().catch(null),
});

/** Why a person has to act, by the names that the service gives; its own sentences may name files of its machine. */
export function needsPerson(body: unknown): string {
  const told = Refusal.safeParse(body);
  const name = told.success ? (told.data.reason ?? told.data.state ?? "") : "";
  const why = Object.hasOwn(WHY, name) ? WHY[name as keyof typeof WHY] : "its GET /health says why";
  return `The session service needs a person: ${why}`;
}
