import { z } from "zod";
import { normalizeEmail, normalizePhone } from "../../platform/contact-keys.ts";

/** As long as a lead's name may be, and longer than any real one. */
const NAME_LENGTH_MAX = 500;
const VALUE_LENGTH_MAX = 320;

/**
 * No name has control characters or half surrogate pairs. Those that Postgres cannot store have come here as U+FFFD
 * (platform/storable.ts): a person can be asked to type it again, so nothing is saved with a sign in their place.
 */
const isPlainText = (text: string): boolean => !/\p{Cc}|\p{Cs}|\uFFFD/u.test(text);

/** A text that the normaliser understands, in the form that it gives. */
const normalized = (normalize: (text: string) => string | null, fault: string) =>
  z
    .string()
    .max(VALUE_LENGTH_MAX)
    .transform((text, context) => {
      const value = isPlainText(text.trim()) ? normalize(text) : null;
      if (value !== null) return value;
      context.addIssue({ code: "custom", message: fault });
      return z.NEVER;
    });

/**
 * What a manager sends. The e-mail comes out in the form in which it is stored; the phone as it was typed, since the
 * database keeps a remark beside it for the note.
 */
export const StudentRequest = z.strictObject({
  full_name: z.string().trim().min(1, "must not be empty").max(NAME_LENGTH_MAX).refine(isPlainText, {
    error: "must not have control characters",
  }),
  email: normalized(normalizeEmail, "is not an e-mail address"),
  /** An empty field of a form counts as none. */
  phone: z
    .union([
      z.literal("").transform(() => null),
      normalized(
        (text) => (normalizePhone(text) === null ? null : text.trim()),
        "is not a phone number: 10 digits, or + and the country code",
      ),
    ])
    .nullish()
    .transform((phone) => phone ?? null),
});
export type StudentRequest = z.output<typeof StudentRequest>;

/** What is wrong with a request, one line each and without the values. */
export function faultsOf(error: z.ZodError): string[] {
  return error.issues.flatMap((issue) => {
    const place = issue.path.map(String).join(".");
    // The alternatives of phone: the last one is what a number is measured by.
    const told =
      issue.code === "invalid_union" ? (issue.errors.at(-1)?.[0]?.message ?? issue.message) : issue.message;
    return [place === "" ? told : `${place}: ${told}`];
  });
}
