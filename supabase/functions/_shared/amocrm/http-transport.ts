import { exchange, type HttpParts, USER_AGENT } from "./http-exchange.ts";
import { oneShotBody } from "./one-shot-body.ts";
import type {
  AmocrmRequest,
  NotSentOutcome,
  RawOutcome,
  Slots,
  TokenAnswer,
  Tokens,
  Transport,
} from "./transport.ts";

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
  return { send: (request) => send(parts, base, request) };
}

async function send(
  parts: HttpTransportParts,
  base: string | null,
  request: AmocrmRequest,
): Promise<RawOutcome> {
  const token = await parts.tokens.accessToken();
  if (!token.ok) return notSent("token", token.code, token.message, null);
  const outcome = await sendWith(parts, base, request, token);
  if (outcome.kind !== "answered" || outcome.httpStatus !== 401) return outcome;
  // What was refused was not carried out, so that also a create may go once more, if there is another token to show.
  const newer = await parts.tokens.accessToken(token.token);
  if (!newer.ok) return notSent("token", newer.code, newer.message, null);
  if (newer.token === token.token) return outcome;
  const repeated = await sendWith(parts, base, request, newer);
  return { ...repeated, waitedMs: outcome.waitedMs + repeated.waitedMs };
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
  const prefix = base ?? (host === undefined ? null : prefixOf(host));
  if (prefix === null) {
    return notSent(
      "token",
      "address_missing",
      "Set AMOCRM_SUBDOMAIN: nobody knows where the account is",
      null,
    );
  }
  const url = urlOf(prefix, request);
  const body = request.body === null ? null : oneShotBody(JSON.stringify(request.body));

  const slot = await parts.slots.take(request.purpose);
  if (!slot.granted) return notSent("slot", slot.code, slot.message, slot.waitMs);
  const outcome = await exchange(parts, url, { method: request.method, headers, body }, request.timeoutMs);
  return { ...outcome, waitedMs: slot.waitedMs };
}

function prefixOf(url: string): string {
  return new URL(url).href.replace(/\/+$/, "");
}

function headersOf(request: AmocrmRequest, token: string): Headers | null {
  try {
    const headers = new Headers({ Authorization: `Bearer ${token}`, "User-Agent": USER_AGENT });
    if (request.body !== null) headers.set("Content-Type", "application/json");
    return headers;
  } catch {
    // The platform's error text quotes the token.
    return null;
  }
}

/** Brackets in names stay as they are: encoded, a filter of 250 ids would outgrow nginx's 8 KiB request line. */
function urlOf(base: string, { path, query }: AmocrmRequest): string {
  if (query.length === 0) return base + path;
  return `${base}${path}?${query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
}

function notSent(
  refusedBy: "slot" | "token",
  code: string,
  message: string,
  waitMs: number | null,
): NotSentOutcome {
  return { kind: "not_sent", refusedBy, code, message, waitMs, durationMs: 0, waitedMs: 0 };
}
