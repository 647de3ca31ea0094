import { z } from "zod";
import { parseJson } from "../../platform/json.ts";

/** What a long-lived token tells about itself, as far as it does. */
export interface TokenClaims {
  /** ISO 8601. */
  expiresAt: string | null;
  accountId: number | null;
}

/** The last second that both sides can write as a date. */
const LAST_SECOND = 253_402_300_799;

const Claims = z.object({
  exp: z.number().int().positive().max(LAST_SECOND).nullable().catch(null),
  account_id: z.int().positive().nullable().catch(null),
});

/**
 * Reads the claims of an access token. It is opaque by right: whatever is no JWT, or lacks a claim, tells nothing and is
 * as good a token as any.
 */
export function claimsOf(token: string): TokenClaims {
  const claims = Claims.safeParse(payloadOf(token));
  if (!claims.success) return { expiresAt: null, accountId: null };
  const { exp, account_id } = claims.data;
  return { expiresAt: exp === null ? null : new Date(exp * 1000).toISOString(), accountId: account_id };
}

/** The host that an access token names for look-ups; older tokens name none. Whether it is amoCRM's is for the caller to check. */
export function apiDomainOf(token: string): string | null {
  const claims = z.object({ api_domain: z.string() }).safeParse(payloadOf(token));
  return claims.success ? claims.data.api_domain : null;
}

function payloadOf(token: string): unknown {
  const part = token.split(".")[1];
  if (part === undefined) return undefined;
  try {
    return parseJson(atob(part.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return undefined;
  }
}
