import type { StackKeys } from "./gateway/keys.ts";

export interface EnvironmentSource {
  url: string;
  /** Connection string of role postgres. */
  dbUrl: string;
  keys: StackKeys;
  jwks: object;
}

/** The variables that the hosted platform gives to every function; keys of both generations, as there. */
export function functionEnvironment({ url, dbUrl, keys, jwks }: EnvironmentSource): Record<string, string> {
  return {
    SUPABASE_URL: url,
    SUPABASE_DB_URL: dbUrl,
    SUPABASE_ANON_KEY: keys.anon,
    SUPABASE_SERVICE_ROLE_KEY: keys.serviceRole,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret, amocrm_cron: keys.cron }),
    SUPABASE_JWKS: JSON.stringify(jwks),
    SB_REGION: "local",
  };
}
