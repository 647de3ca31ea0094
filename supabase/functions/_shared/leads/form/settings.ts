import { z } from "zod";

export interface FormSettings {
  secretKey: string;
  verifyUrl: string;
}

const VERIFY_URL = "https://challenges.cloudflare.com/turnstile/v0/siteverify";

const Environment = z.object({
  TURNSTILE_SECRET_KEY: z.string("is not set").trim().min(1, "is not set"),
  TURNSTILE_VERIFY_URL: z
    .string()
    .trim()
    .transform((text) => text || VERIFY_URL)
    .pipe(z.url({ protocol: /^https?$/, error: "must be a URL" }))
    .default(VERIFY_URL),
});

/** Parses the environment; what is missing or malformed is told by name. */
export function parseFormSettings(
  environment: Readonly<Record<string, string | undefined>>,
):
  | { state: "ready"; settings: FormSettings }
  | { state: "unconfigured"; missing: string[]; message: string } {
  const parsed = Environment.safeParse(environment);
  if (parsed.success) {
    const { TURNSTILE_SECRET_KEY: secretKey, TURNSTILE_VERIFY_URL: verifyUrl } = parsed.data;
    return { state: "ready", settings: { secretKey, verifyUrl } };
  }
  const faults = parsed.error.issues.map((issue) => ({ name: String(issue.path[0]), fault: issue.message }));
  return {
    state: "unconfigured",
    missing: faults.map(({ name }) => name).sort(),
    message: faults.map(({ name, fault }) => `${name} ${fault}`).join("; "),
  };
}
