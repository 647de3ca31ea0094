import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { accountOrigin } from "#shared/amocrm/settings.ts";
import { isLoopbackHost } from "#shared/platform/safe-url.ts";

/** What the service is started with. */
export interface ServiceSettings {
  port: number;
  host: string;
  /** Origin of the one account, such as https://company.amocrm.ru. */
  origin: string;
  /** What the functions show as a bearer. */
  secret: string;
  email: string;
  password: string;
  /** Between two tries after a refused one, and between sign-ins when sessions end again and again. */
  signInIntervalMs: number;
  /** Where it is kept over restarts that a person has to act; null where nobody gave a folder for it. */
  stateDir: string | null;
  /** The picture of the page at which signing in came to a stop. */
  pictureFile: string;
  /** A browser in a window, in which a person does what the page asks. */
  isVisible: boolean;
  /** Another Chromium than the one that npm or the system brought. */
  browserPath: string | null;
}

export type SettingsAnswer = { ok: true; settings: ServiceSettings } | { ok: false; problems: string[] };

const DEFAULT_PORT = 3002;
const DEFAULT_INTERVAL_S = 600;

const text = z
  .string()
  .transform((value) => (value.trim() === "" ? undefined : value))
  .optional();
const needed = z.string({ error: "is not set" }).refine((value) => value.trim() !== "", "is not set");
const Environment = z.object({
  PORT: text.pipe(
    z.coerce.number<string | undefined>("must be a number").int().min(0).max(65_535).default(DEFAULT_PORT),
  ),
  HOST: text.pipe(z.string().trim().default("127.0.0.1")),
  AMOCRM_SUBDOMAIN: text.pipe(
    z
      .string()
      .trim()
      .regex(/^[a-z0-9-]+(\.(amocrm\.(ru|com)|kommo\.com))?$/i, "must be the account's name, such as company")
      .optional(),
  ),
  AMOCRM_BASE_URL: text.pipe(
    z
      .url({ protocol: /^https?$/, error: "must be a URL such as https://company.amocrm.ru" })
      .refine(isConfidential, "must be https, or http on this machine: the password would travel readable")
      .optional(),
  ),
  AMOCRM_EMAIL: needed,
  AMOCRM_PASSWORD: needed,
  AMOCRM_PLAYWRIGHT_SECRET: needed,
  AMOCRM_SIGN_IN_INTERVAL_SECONDS: text.pipe(
    z.coerce.number<string | undefined>("must be a number of seconds").min(0).default(DEFAULT_INTERVAL_S),
  ),
  AMOCRM_BROWSER_VISIBLE: text.pipe(z.enum(["true", "false"], "must be true or false").default("false")),
  STATE_DIRECTORY: text,
  BROWSER_PATH: text,
});

/** Parses the environment once; a problem names its variable and never its value. */
export function parseServiceSettings(environment: NodeJS.ProcessEnv): SettingsAnswer {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) {
    return {
      ok: false,
      problems: parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`),
    };
  }
  const values = parsed.data;
  const { AMOCRM_BASE_URL: baseUrl, AMOCRM_SUBDOMAIN: subdomain } = values;
  if (baseUrl === undefined && subdomain === undefined) {
    return { ok: false, problems: ["AMOCRM_SUBDOMAIN is not set"] };
  }
  const stateDir = values.STATE_DIRECTORY ?? null;
  return {
    ok: true,
    settings: {
      port: values.PORT,
      host: values.HOST,
      origin: baseUrl === undefined ? accountOrigin(subdomain ?? "") : new URL(baseUrl).origin,
      secret: values.AMOCRM_PLAYWRIGHT_SECRET.trim(),
      email: values.AMOCRM_EMAIL.trim(),
      password: values.AMOCRM_PASSWORD,
      signInIntervalMs: values.AMOCRM_SIGN_IN_INTERVAL_SECONDS * 1000,
      stateDir,
      pictureFile: path.join(
        stateDir ?? path.join(os.tmpdir(), `playwright-amocrm-${values.PORT}`),
        "sign-in.png",
      ),
      isVisible: values.AMOCRM_BROWSER_VISIBLE === "true",
      browserPath: values.BROWSER_PATH?.trim() ?? null,
    },
  };
}

function isConfidential(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || isLoopbackHost(hostname);
}
