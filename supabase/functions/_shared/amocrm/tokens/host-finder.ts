import { z } from "zod";
import { type Slots, TOKEN_PURPOSE } from "../../outbox/slots.ts";
import { exchange, type HttpParts, USER_AGENT } from "../../platform/http.ts";
import { parseJson } from "../../platform/json.ts";
import type { Log } from "../../platform/log.ts";
import { SINGLE_TIMEOUT_MS } from "../rules/limits.ts";
import { accountOriginOf, isAccountOrigin, originInForce, sharedOriginOf } from "./account-host.ts";
import { apiDomainOf, claimsOf } from "./claims.ts";
import type { HostFinder, TokenStore } from "./port.ts";

/** What the look-up works with. */
export interface HostFinderParts extends HttpParts {
  /** AMOCRM_BASE_URL; null if it is not set. */
  baseUrl: string | null;
  slots: Slots;
  moves: Pick<TokenStore, "mayLookUp" | "moved">;
  log: Log;
}

const LookUp = z.object({ id: z.int(), domain: z.string() });

/** amoCRM's look-up over HTTP, once an hour, in a slot of the pace. Only hosts of amoCRM are believed. */
export function createHostFinder(parts: HostFinderParts): HostFinder {
  return {
    async find(host, refreshToken, accessToken) {
      // Through a proxy everything goes the same way, wherever the account is.
      if (originInForce(parts.baseUrl, host) !== host) return null;
      const permit = await parts.moves.mayLookUp(host);
      if (permit.outcome !== "granted") return permit.outcome === "moved" ? permit.host : null;
      const found = await ask(parts, host, refreshToken, accessToken);
      if (found === null || found === host) {
        parts.log("warn", "account_not_found_elsewhere", { host });
        return null;
      }
      await parts.moves.moved(host, found);
      parts.log("warn", "account_moved", { from: host, to: found });
      return found;
    },
  };
}

async function ask(
  parts: HostFinderParts,
  host: string,
  refreshToken: string | null,
  accessToken: string | null,
): Promise<string | null> {
  const request = requestOf(host, refreshToken, accessToken);
  if (request === null) return null;
  const slot = await parts.slots.take(TOKEN_PURPOSE);
  if (!slot.granted) return null;
  const { url, headers } = request;
  const outcome = await exchange(parts, url, { method: "GET", headers }, SINGLE_TIMEOUT_MS);
  if (outcome.kind !== "answered" || outcome.httpStatus !== 200 || outcome.bodyFault !== null) return null;
  const answer = LookUp.safeParse(parseJson(outcome.body));
  if (!answer.success) return null;
  const expectedId = accessToken === null ? null : claimsOf(accessToken).accountId;
  if (expectedId !== null && answer.data.id !== expectedId) return null;
  return accountOriginOf(answer.data.domain, parts.baseUrl);
}

/**
 * By refresh token at the address that the access token names for this; without one by the older way, which is deprecated
 * and the only one for a long-lived token (amocrm-api.md 1.1). Null if the token cannot stand in a header.
 */
function requestOf(
  host: string,
  refreshToken: string | null,
  accessToken: string | null,
): { url: string; headers: Headers } | null {
  try {
    if (refreshToken !== null) {
      const apiDomain = accessToken === null ? null : apiDomainOf(accessToken);
      const apiOrigin = apiDomain === null ? null : accountOriginOf(apiDomain, null);
      const origin = isAccountOrigin(host) ? (apiOrigin ?? host) : host;
      const headers = new Headers({ "X-Refresh-Token": refreshToken, "User-Agent": USER_AGENT });
      return { url: `${origin}/oauth2/account/current/subdomain`, headers };
    }
    const headers = new Headers({ Authorization: `Bearer ${accessToken}`, "User-Agent": USER_AGENT });
    return { url: `${sharedOriginOf(host)}/oauth2/account/subdomain`, headers };
  } catch {
    // The platform's error text quotes the token.
    return null;
  }
}
