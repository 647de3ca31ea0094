import type { Slots } from "../../outbox/slots.ts";
import { exchange, type HttpParts } from "../../platform/http.ts";
import { originInForce } from "../tokens/account-host.ts";
import { bodyOf, headersOf, notSent, urlOf } from "./request-parts.ts";
import type { AmocrmRequest, RawOutcome, TokenAnswer, Tokens, Transport } from "./transport.ts";

/** What the transport works with. */
export interface HttpTransportParts extends HttpParts {
  /** Scheme and host of the account, e.g. `https://example.amocrm.ru`; a path is kept as a prefix. Null: the token tells it. */
  baseUrl: string | null;
  slots: Slots;
  tokens: Tokens;
}

/**
 * The transport over HTTP. Each request takes its slot here, immediately before it leaves, so that there is
 * no way round the pace. Throws a TypeError at once when `baseUrl` is no URL.
 */
export function createHttpTransport(parts: HttpTransportParts): Transport {
  const base = parts.baseUrl === null ? null : prefixOf(parts.baseUrl);
  const whereabouts = new Map<string | undefined, Promise<TokenAnswer>>();

  return {
    async send(request) {
      const token = await parts.tokens.accessToken();
      if (!token.ok) return notSent("token", token.code, token.message, null);
      const outcome = await sendWith(parts, base, request, token);
      const isRefused = outcome.kind === "answered" && outcome.httpStatus === 401;
      // Through a proxy everything goes the same way, wherever the account is.
      const isFollowed = token.host !== undefined && originInForce(base, token.host) === token.host;
      if (!isRefused && !(isFollowed && mayHaveMoved(outcome))) return outcome;
      // What was refused was not carried out, so that also a create may go once more: with another token, or elsewhere.
      const known = isRefused ? undefined : whereabouts.get(token.host);
      const asking = known ?? parts.tokens.accessToken(token.token);
      if (!isRefused) whereabouts.set(token.host, asking);
      const newer = await asking;
      if (!newer.ok) return notSent("token", newer.code, newer.message, null);
      const isNew = newer.host !== token.host || (isRefused && newer.token !== token.token);
      if (!isNew) return outcome;
      const repeated = await sendWith(parts, base, request, newer);
      return { ...repeated, waitedMs: outcome.waitedMs + repeated.waitedMs };
    },
  };
}

/**
 * A host that an account has left redirects, or knows nothing of what it is asked for. So may one that is asked for
 * something deleted: hence the question is put once for each host in the life of a transport, which is one drain.
 */
function mayHaveMoved(outcome: RawOutcome): boolean {
  return (
    outcome.kind === "answered" &&
    (outcome.httpStatus < 400 ? isRedirect(outcome) : outcome.httpStatus === 404)
  );
}

/** 0 is how a browser-like fetch shows a redirect that it was told not to follow. */
function isRedirect({ httpStatus }: { httpStatus: number }): boolean {
  return httpStatus === 0 || (httpStatus >= 300 && httpStatus < 400);
}

async function sendWith(
  parts: HttpTransportParts,
  base: string | null,
  request: AmocrmRequest,
  { token, host }: Extract<TokenAnswer, { ok: true }>,
): Promise<RawOutcome> {
  // Everything that takes time or can fail is done before the slot is taken: a slot that runs out unused is
  // lost to the whole account, and one that is used late breaks the distance to the next.
  const headers = headersOf(request, token);
  if (headers === null) {
    return notSent(
      "token",
      "access_token_malformed",
      "Set AMOCRM_ACCESS_TOKEN: it has characters no header can carry",
      null,
    );
  }
  const prefix = host === undefined ? base : prefixOf(originInForce(base, host));
  if (prefix === null) {
    return notSent(
      "token",
      "address_missing",
      "Set AMOCRM_SUBDOMAIN: nobody knows where the account is",
      null,
    );
  }
  const url = urlOf(prefix, request);
  const body = bodyOf(request);

  const slot = await parts.slots.take(request.purpose);
  if (!slot.granted) return notSent("slot", slot.code, slot.message, slot.waitMs);
  const outcome = await exchange(parts, url, { method: request.method, headers, body }, request.timeoutMs);
  return { ...outcome, waitedMs: slot.waitedMs };
}

function prefixOf(url: string): string {
  return new URL(url).href.replace(/\/+$/, "");
}
