import { z } from "zod";
import { type Configured, named, unconfigured } from "../platform/configured.ts";
import { misspeltNames } from "../platform/misspelling.ts";
import { isLoopbackHost, isSafeUrl, UNSAFE } from "../platform/safe-url.ts";
import { parseVariables, text } from "../platform/variables.ts";

/** An integration as amoCRM knows it: with these a consent is exchanged and a token refreshed. */
export interface OAuthApp {
  clientId: string;
  clientSecret: string;
  /** As it is registered, byte for byte. */
  redirectUri: string;
}

/** The service that signs in with a browser, for an account without a token. */
export interface SessionAccess {
  /** Origin of the service, without a trailing slash. */
  url: string;
  secret: string;
}

/**
 * What the functions need to reach amoCRM: a long-lived token, or an integration and the connection made with it, or, with
 * neither, a session service.
 */
export interface AmocrmAccess {
  /** Origin of the account, without a trailing slash; null if no variable tells it: then the connection does. */
  baseUrl: string | null;
  /** AMOCRM_BASE_URL is set: it wins over what the connection tells. */
  isBaseUrlFixed: boolean;
  /** The long-lived token. It wins over a connection by OAuth. */
  accessToken: string | null;
  oauth: OAuthApp | null;
  /** Set only where neither a token nor an integration is. */
  session: SessionAccess | null;
  /** The refresh token of a connection made elsewhere, to be taken over once. */
  refreshToken: string | null;
}

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
  "AMOCRM_PLAYWRIGHT_URL",
  "AMOCRM_PLAYWRIGHT_SECRET",
  "AMOCRM_FUNCTIONS_URL",
  "AMOCRM_CRON_KEY",
];

/** Where the service listens if nobody says otherwise. */
const DEFAULT_SESSION_URL = "http://localhost:3002";

const Environment = z.object({
  AMOCRM_ENABLED: text.pipe(
    z.enum(["true", "false", "1", "0", "yes", "no", "on", "off"], "must be true or false").optional(),
  ),
  AMOCRM_BASE_URL: text.pipe(
    z
      .url({ protocol: /^https?$/, error: "must be a URL such as https://company.amocrm.ru" })
      .refine(isSafeUrl, UNSAFE)
      .optional(),
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
  AMOCRM_PLAYWRIGHT_URL: text.pipe(
    z
      .url({ protocol: /^https?$/, error: "must be a URL such as http://localhost:3002" })
      .refine(isHttpsOrLoopback, "must be https, or http on this machine: the secret would travel readable")
      .optional(),
  ),
  AMOCRM_PLAYWRIGHT_SECRET: text,
});
type Parsed = z.output<typeof Environment>;

/**
 * Parses the environment once. A malformed value is named and never falls through to a default; a variable whose
 * name looks like one of ours is named too, because a misspelt one once cost nine days of leads.
 */
export function parseSettings(environment: Variables): Settings {
  const parsed = parseVariables(Environment, environment, KNOWN_NAMES);
  if (parsed.state !== "ready") return parsed;
  const { values } = parsed;
  if (["false", "0", "no", "off"].includes(values.AMOCRM_ENABLED ?? "")) return { state: "disabled" };
  const faults = missingOf(values, environment);
  if (faults.size > 0) return unconfigured(faults, environment, KNOWN_NAMES);
  const { AMOCRM_BASE_URL: baseUrl, AMOCRM_SUBDOMAIN: subdomain } = values;
  return {
    state: "ready",
    access: {
      baseUrl: baseUrl ? new URL(baseUrl).origin : subdomain ? accountOrigin(subdomain) : null,
      isBaseUrlFixed: baseUrl !== undefined,
      accessToken: values.AMOCRM_ACCESS_TOKEN ?? null,
      oauth: appOf(values),
      refreshToken: values.AMOCRM_REFRESH_TOKEN ?? null,
      session: sessionOf(values),
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
  if (values.AMOCRM_PLAYWRIGHT_URL !== undefined || values.AMOCRM_PLAYWRIGHT_SECRET !== undefined) {
    // The service knows which account it is for.
    if (values.AMOCRM_PLAYWRIGHT_SECRET === undefined) miss("AMOCRM_PLAYWRIGHT_SECRET");
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

function sessionOf(values: Parsed): SessionAccess | null {
  const { AMOCRM_PLAYWRIGHT_URL: url = DEFAULT_SESSION_URL, AMOCRM_PLAYWRIGHT_SECRET: secret } = values;
  if (values.AMOCRM_ACCESS_TOKEN !== undefined || appOf(values) !== null || secret === undefined) return null;
  return { url: new URL(url).origin, secret };
}

/** Stricter than `isSafeUrl`: what travels opens the whole account. */
function isHttpsOrLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || isLoopbackHost(hostname);
}

function appOf(values: Parsed): OAuthApp | null {
  const { AMOCRM_CLIENT_ID: clientId, AMOCRM_CLIENT_SECRET: clientSecret } = values;
  const { AMOCRM_REDIRECT_URI: redirectUri } = values;
  return clientId !== undefined && clientSecret !== undefined && redirectUri !== undefined
    ? { clientId, clientSecret, redirectUri }
    : null;
}

/** Where the account of a name is: `company`, or a whole host such as `company.kommo.com`. */
export function accountOrigin(subdomain: string): string {
  const host = subdomain.toLowerCase();
  return `https://${host.includes(".") ? host : `${host}.amocrm.ru`}`;
}
