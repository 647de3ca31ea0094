import type { StackKeys } from "./keys.ts";

export type Service = "rest" | "auth" | "functions";

/** `/rest/v1/leads` is service `rest` and path `/leads`; undefined for an address that no service has. */
export function splitPath(pathname: string): { service: Service; path: string } | undefined {
  const match = /^\/(rest|auth|functions)\/v1(\/.*)?$/.exec(pathname);
  if (!match) return undefined;
  return { service: match[1] as Service, path: match[2] ?? "/" };
}

/** Whether the auth service answers this path without an API key, as hosted does. */
export const isOpenPath = (service: Service, path: string): boolean =>
  service === "auth" && ["/health", "/.well-known/jwks.json", "/verify"].includes(path);

/** Whether the key is one of this stack's own. */
export const isKnownKey = (apikey: string, keys: StackKeys): boolean => Object.values(keys).includes(apikey);

/**
 * The token that the services behind see in Authorization: the caller's own JWT, else the one that the API key
 * stands for. supabase-js repeats a new-style key as a bearer; that one counts as no token. An unknown key is
 * passed through as it is, for a function with a check of its own.
 */
export function tokenFor(
  authorization: string | null,
  apikey: string | null,
  keys: StackKeys,
): string | undefined {
  if (authorization && !/^Bearer sb_/i.test(authorization)) return authorization.replace(/^Bearer /i, "");
  if (apikey === keys.secret || apikey === keys.cron) return keys.serviceRole;
  if (apikey === keys.publishable) return keys.anon;
  return apikey ?? undefined;
}
