import { randomBytes } from "node:crypto";
import { Tokens } from "./tokens.ts";

/** The API keys of one stack; drawn afresh at each start, so that nothing can come to depend on a constant. */
export interface StackKeys {
  publishable: string;
  /** The `default` entry of SUPABASE_SECRET_KEYS. */
  secret: string;
  /** The named secret key `amocrm_cron`, the only one that pg_cron's calls carry. */
  cron: string;
  /** The old-style JWT keys, which hosted projects still hand to functions. */
  anon: string;
  serviceRole: string;
}

const LIFETIME_SECONDS = 10 * 365 * 86_400;
const random = (): string => randomBytes(24).toString("base64url");

/** Draws the keys of a stack and the tokens that go with them. */
export function drawKeys(nowSeconds: number): { keys: StackKeys; tokens: Tokens } {
  const tokens = new Tokens(random());
  const legacy = (role: string): string =>
    tokens.hs256({
      iss: "supabase",
      ref: "local",
      role,
      iat: nowSeconds,
      exp: nowSeconds + LIFETIME_SECONDS,
    });
  const keys = {
    publishable: `sb_publishable_${random()}`,
    secret: `sb_secret_${random()}`,
    cron: `sb_secret_${random()}`,
    anon: legacy("anon"),
    serviceRole: legacy("service_role"),
  };
  return { keys, tokens };
}
