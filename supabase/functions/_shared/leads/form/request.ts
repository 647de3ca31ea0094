import { z } from "zod";

/** As long as a Turnstile token may be. */
const TOKEN_LENGTH_MAX = 2048;

/** How long values may be is the database's rule, which tells it in the words that pages know. */
const value = z.string().nullish();

/** A lead with the token of its captcha: the columns that a visitor may insert, and no other. */
export const FormRequest = z.strictObject({
  captcha_token: z.string().min(1).max(TOKEN_LENGTH_MAX),
  submission_id: z.uuid().nullish(),
  full_name: value,
  email: value,
  phone: value,
  source: value,
  utm_source: value,
  utm_medium: value,
  utm_campaign: value,
  utm_content: value,
  utm_term: value,
  metadata: z.record(z.string(), z.unknown()).nullish(),
  consent_at: z.iso.datetime({ offset: true }).nullish(),
  left_empty: value,
});
export type FormRequest = z.output<typeof FormRequest>;

/** Which parts of a request are wrong, and how, without their values. */
export function faultsOf(error: z.ZodError): string {
  return error.issues
    .map((issue) => [issue.path.join("."), issue.message].filter((part) => part !== "").join(": "))
    .join("; ");
}
