import { z } from "zod";
import { unconfigured } from "./configured.ts";
import { isSafeUrl, UNSAFE } from "./safe-url.ts";

/** A variable as settings read it: without blanks around it, and one that is empty is not set. */
export const text = z
  .string()
  .trim()
  .transform((value) => (value === "" ? undefined : value))
  .optional();

export const required = text.pipe(z.string("is not set"));

/** A key or token of a service, such as `key`: what no header can carry is named here and not by a failed request. */
export const secret = (kind: "key" | "token") =>
  required.pipe(z.string().regex(/^[\x21-\x7e]+$/, `has characters that no ${kind} has`));

/** Where a service is reached, if not at its own address. */
export const serviceUrl = text.pipe(
  z
    .url({ protocol: /^https?$/, error: "must be a URL" })
    .refine(isSafeUrl, UNSAFE)
    .optional(),
);

/** The origin to call, without a slash at the end. */
export function originOf(told: string | undefined, own: string): string {
  return (told ?? own).replace(/\/+$/, "");
}

/** Parses the environment once. What is missing or malformed is named, and so is a variable that looks misspelt. */
export function parseVariables<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
  knownNames: readonly string[],
): { state: "ready"; values: z.output<Schema> } | ReturnType<typeof unconfigured> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return { state: "ready", values: parsed.data };
  const faults = new Map<string, string>();
  for (const issue of parsed.error.issues) faults.set(String(issue.path[0]), issue.message);
  return unconfigured(faults, environment, knownNames);
}
