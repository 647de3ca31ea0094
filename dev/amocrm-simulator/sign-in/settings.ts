import { z } from "zod";

/**
 * Signing in at the account's own page, with e-mail and password in a browser. What is not known of amoCRM's page and of
 * its sessions can be played each way.
 */
export const signInSchema = z.strictObject({
  email: z.string().default("robot@sim.example"),
  password: z.string().default("sim-password-4711"),
  /** Whom what the session does is booked on. */
  user_id: z.int().default(7003),
  /** How the page answers who is not signed in. */
  visitor_status: z.union([z.literal(401), z.literal(200)]).default(401),
  /** `fetch`: the page posts by script and loads itself again; `form`: the browser posts and shows what comes. */
  submit: z.enum(["fetch", "form"]).default("fetch"),
  /** The answer to a wrong password; 200 with a text is seen at other sites. */
  refusal_status: z.union([z.literal(401), z.literal(400), z.literal(200)]).default(401),
  /** A page may show what was typed, and so may a picture of it. */
  echoes_password: z.boolean().default(false),
  second_factor: z.boolean().default(false),
  /** A check before the form can be sent, or after it; null is none. */
  robot_check: z.enum(["before", "after"]).nullable().default(null),
  /** The user has several accounts, and is asked which. */
  account_choice: z.boolean().default(false),
  /** A page that was rebuilt: none of the names that it had. */
  page: z.enum(["known", "changed"]).default("known"),
  /** Refused tries in a row after which also the right password is refused; null: none. */
  lock_after: z.int().min(1).nullable().default(5),
  /** How long a session lives; null: until it is ended. */
  ttl_s: z.int().min(1).nullable().default(86_400),
  /** Use lengthens it. */
  is_sliding: z.boolean().default(false),
  /** Each answer brings the session's cookie anew, with another value, and the old one ends with the use of the new one. */
  rotates: z.boolean().default(false),
  /** How the API answers a session that has ended. */
  ended_answer: z.enum(["html_401", "json_401", "redirect", "page"]).default("html_401"),
  /** Whether the calls of a session count against the limit of an integration, or only against the account's. */
  counts_as: z.enum(["integration", "account"]).default("integration"),
});

export type SignInSettings = z.output<typeof signInSchema>;
