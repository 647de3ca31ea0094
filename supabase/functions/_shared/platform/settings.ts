import { z } from "zod";
import { misspeltNames } from "./misspelling.ts";

/** An integration as amoCRM knows it: with these a consent is exchanged and a token refreshed. */
export interface OAuthApp {
  clientId: string;
  clientSecret: string;
  /** As it is registered, byte for byte. */
  redirectUri: string;
}

/** What the functions need to reach amoCRM: a long-lived token, or an integration and the connection made with it. */
export interface AmocrmAccess {
  /** Origin of the account, without a trailing slash; null if no variable tells it: then the connection does. */
  baseUrl: string | null;
  /** AMOCRM_BASE_URL is set: it wins over what the connection tells. */
  isBaseUrlFixed: boolean;
  /** The long-lived token. It wins over a connection by OAuth. */
  accessToken: string | null;
  oauth: OAuthApp | null;
  /** The refresh token of a connection made elsewhere, to be taken over once. */
  refreshToken: string | null;
}

/** The environment as understood: switched off, complete, or what is wrong with it, by name. */
export type Configured<Access> =
  | { state: "disabled" }
  | { state: "unconfigured"; missing: string[]; message: string }
  | { state: "ready"; access: Access };

/** What the environment says about amoCRM. */
export type Settings = Configured<AmocrmAccess>;

type Variables = Readonly<Record<string, string | undefined>>;

const OAUTH_NAMES = ["AMOCRM_CLIENT_ID", "AMOCRM_CLIENT_SECRET", "AMOCRM_REDIRECT_URI"] as const;
/** The functions' own variables; a name that is like one of them is probably meant to be it. */
export const KNOWN_NAMES = [
  "AMOCRM_ENABLED",
  "AMOCRM_SUBDOMAIN",
  "AMOCRM_BASE_URL",
  ...OAUTH_NAMES,
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
  AMOCRM_CLIENT_ID: text,
  AMOCRM_CLIENT_SECRET: text,
  AMOCRM_REDIRECT_URI: text.pipe(
    z
      .url({
        protocol: /^https?$/,
        error: "must be a URL such as https://<project>.supabase.co/functions/v1/amocrm-oauth/callback",
      })
      .optional(),
  ),
  AMOCRM_ACCESS_TOKEN: text,
  AMOCRM_REFRESH_TOKEN: text,
});
type Parsed = z.output<typeof Environment>;

/**
 * Parses the environment once. A malformed value is named and never falls through to a default; a variable whose
 * name looks like one of ours is named too, because a misspelt one once cost nine days of leads.
 */
export function parseSettings(environment: Variables): Settings {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) {
    return unconfigured(
      new Map(parsed.error.issues.map((issue) => [String(issue.path[0]), issue.message])),
      environment,
      KNOWN_NAMES,
    );
  }
  const values = parsed.data;
  if (["false", "0", "no", "off"].includes(values.AMOCRM_ENABLED ?? "")) return { state: "disabled" };
  const faults = missingOf(values, environment);
  if (faults.size > 0) return unconfigured(faults, environment, KNOWN_NAMES);
  const { AMOCRM_BASE_URL: baseUrl, AMOCRM_SUBDOMAIN: subdomain } = values;
  return {
    state: "ready",
    access: {
      baseUrl: baseUrl ? new URL(baseUrl).origin : subdomain ? originOf(subdomain) : null,
      isBaseUrlFixed: baseUrl !== undefined,
      accessToken: values.AMOCRM_ACCESS_TOKEN ?? null,
      oauth: appOf(values),
      refreshToken: values.AMOCRM_REFRESH_TOKEN ?? null,
    },
  };
}

/** Which variables an integration lacks to be connected by OAuth, besides what `parseSettings` says; empty if none. */
export function missingForOAuth(environment: Variables): { missing: string[]; message: string } {
  const faults = new Map<string, string>();
  for (const name of OAUTH_NAMES) if (!environment[name]?.trim()) faults.set(name, "is not set");
  return named(faults, environment, KNOWN_NAMES);
}

function missingOf(values: Parsed, environment: Variables): Map<string, string> {
  const faults = new Map<string, string>();
  const miss = (name: string) => faults.set(name, "is not set");
  const hasAddress = values.AMOCRM_BASE_URL !== undefined || values.AMOCRM_SUBDOMAIN !== undefined;
  if (values.AMOCRM_ACCESS_TOKEN !== undefined) {
    if (!hasAddress) miss("AMOCRM_SUBDOMAIN");
    return faults;
  }
  if (wantsOAuth(values, environment)) {
    for (const name of OAUTH_NAMES) if (values[name] === undefined) miss(name);
    // Once connected, the connection tells where the account is; a connection that is taken over does not.
    if (values.AMOCRM_REFRESH_TOKEN !== undefined && !hasAddress) miss("AMOCRM_SUBDOMAIN");
    return faults;
  }
  if (!hasAddress) miss("AMOCRM_SUBDOMAIN");
  miss("AMOCRM_ACCESS_TOKEN");
  return faults;
}

/**
 * Whether an integration was meant: any of its variables is set, be it under a misspelt name. Beside half of one, a misspelt
 * long-lived token counts: spelt right, nothing more would be asked.
 */
function wantsOAuth(values: Parsed, environment: Variables): boolean {
  if (appOf(values) !== null) return true;
  const alike = misspeltNames(Object.keys(environment), KNOWN_NAMES);
  if (alike.has("AMOCRM_ACCESS_TOKEN")) return false;
  const names = [...OAUTH_NAMES, "AMOCRM_REFRESH_TOKEN"] as const;
  return names.some((name) => values[name] !== undefined || alike.has(name));
}

function appOf(values: Parsed): OAuthApp | null {
  const { AMOCRM_CLIENT_ID: clientId, AMOCRM_CLIENT_SECRET: clientSecret } = values;
  const { AMOCRM_REDIRECT_URI: redirectUri } = values;
  return clientId !== undefined && clientSecret !== undefined && redirectUri !== undefined
    ? { clientId, clientSecret, redirectUri }
    : null;
}

/** Names each fault, and the variable that was probably meant where one of a similar name is set. */
export function unconfigured(
  faults: ReadonlyMap<string, string>,
  environment: Variables,
  knownNames: readonly string[],
): { state: "unconfigured"; missing: string[]; message: string } {
  return { state: "unconfigured", ...named(faults, environment, knownNames) };
}

function named(
  faults: ReadonlyMap<string, string>,
  environment: Variables,
  knownNames: readonly string[],
): { missing: string[]; message: string } {
  const lookAlikes = misspeltNames(Object.keys(environment), knownNames);
  const message = [...faults]
    .map(([name, fault]) => {
      const alike = lookAlikes.get(name);
      return `${name} ${fault}${alike ? ` (${alike} is set: misspelt?)` : ""}`;
    })
    .join("; ");
  return { missing: [...faults.keys()].sort(), message };
}

function originOf(subdomain: string): string {
  const host = subdomain.toLowerCase();
  return `https://${host.includes(".") ? host : `${host}.amocrm.ru`}`;
}
