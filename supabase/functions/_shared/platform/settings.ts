import { z } from "zod";
import { misspeltNames } from "./misspelling.ts";

/** What the functions need to reach amoCRM. */
export interface AmocrmAccess {
  /** Origin of the account, without a trailing slash. */
  baseUrl: string;
  /** The long-lived token. */
  accessToken: string;
}

/** The environment as understood: switched off, complete, or what is wrong with it, by name. */
export type Configured<Access> =
  | { state: "disabled" }
  | { state: "unconfigured"; missing: string[]; message: string }
  | { state: "ready"; access: Access };

/** What the environment says about amoCRM. */
export type Settings = Configured<AmocrmAccess>;

/** The functions' own variables; a name that is like one of them is probably meant to be it. */
export const KNOWN_NAMES = [
  "AMOCRM_ENABLED",
  "AMOCRM_SUBDOMAIN",
  "AMOCRM_BASE_URL",
  "AMOCRM_CLIENT_ID",
  "AMOCRM_CLIENT_SECRET",
  "AMOCRM_REDIRECT_URI",
  "AMOCRM_ACCESS_TOKEN",
  "AMOCRM_REFRESH_TOKEN",
  "AMOCRM_FUNCTIONS_URL",
  "AMOCRM_CRON_KEY",
];

const text = z
  .string()
  .trim()
  .transform((value) => (value === "" ? undefined : value))
  .optional();
const Environment = z.object({
  AMOCRM_ENABLED: text.pipe(
    z.enum(["true", "false", "1", "0", "yes", "no", "on", "off"], "must be true or false").optional(),
  ),
  AMOCRM_BASE_URL: text.pipe(
    z.url({ protocol: /^https?$/, error: "must be a URL such as https://company.amocrm.ru" }).optional(),
  ),
  AMOCRM_SUBDOMAIN: text.pipe(
    z
      .string()
      .regex(/^[a-z0-9-]+(\.(amocrm\.(ru|com)|kommo\.com))?$/i, "must be the account's name, such as company")
      .optional(),
  ),
  AMOCRM_ACCESS_TOKEN: text,
});

/**
 * Parses the environment once. A malformed value is named and never falls through to a default; a variable whose
 * name looks like one of ours is named too, because a misspelt one once cost nine days of leads.
 */
export function parseSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const parsed = Environment.safeParse(environment);
  const faults = new Map<string, string>();
  if (!parsed.success) {
    for (const issue of parsed.error.issues) faults.set(String(issue.path[0]), issue.message);
  } else {
    const { AMOCRM_ENABLED: enabled, AMOCRM_BASE_URL: baseUrl, AMOCRM_SUBDOMAIN: subdomain } = parsed.data;
    if (enabled !== undefined && ["false", "0", "no", "off"].includes(enabled)) return { state: "disabled" };
    if (baseUrl === undefined && subdomain === undefined) faults.set("AMOCRM_SUBDOMAIN", "is not set");
    if (parsed.data.AMOCRM_ACCESS_TOKEN === undefined) faults.set("AMOCRM_ACCESS_TOKEN", "is not set");
    if (faults.size === 0) {
      return {
        state: "ready",
        access: {
          baseUrl: baseUrl ? new URL(baseUrl).origin : originOf(subdomain ?? ""),
          accessToken: parsed.data.AMOCRM_ACCESS_TOKEN ?? "",
        },
      };
    }
  }
  return unconfigured(faults, environment, KNOWN_NAMES);
}

/** Names each fault, and the variable that was probably meant where one of a similar name is set. */
export function unconfigured(
  faults: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
  knownNames: readonly string[],
): { state: "unconfigured"; missing: string[]; message: string } {
  const lookAlikes = misspeltNames(Object.keys(environment), knownNames);
  const message = [...faults]
    .map(([name, fault]) => {
      const alike = lookAlikes.get(name);
      return `${name} ${fault}${alike ? ` (${alike} is set: misspelt?)` : ""}`;
    })
    .join("; ");
  return { state: "unconfigured", missing: [...faults.keys()].sort(), message };
}

function originOf(subdomain: string): string {
  const host = subdomain.toLowerCase();
  return `https://${host.includes(".") ? host : `${host}.amocrm.ru`}`;
}
