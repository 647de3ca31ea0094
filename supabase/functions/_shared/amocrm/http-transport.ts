import { readBody } from "./answer-body.ts";
import { networkFailure } from "./network-failure.ts";
import { oneShotBody } from "./one-shot-body.ts";
import type {
  AmocrmRequest,
  AnsweredOutcome,
  FailedOutcome,
  NotSentOutcome,
  RawOutcome,
  Slots,
  Tokens,
  Transport,
  TransportClock,
} from "./transport.ts";

/** Names us in amoCRM's logs, so that their support can tell our requests from other integrations'. */
const USER_AGENT = "supabase-amocrm/0.1";

/** The part of fetch that we use, so that tests and the simulator can stand in for it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What the transport works with. */
export interface HttpTransportParts {
  /** Scheme and host of the account, e.g. `https://example.amocrm.ru`; a path is kept as a prefix. */
  baseUrl: string;
  fetch: Fetch;
  slots: Slots;
  tokens: Tokens;
  clock: TransportClock;
}

/**
 * The transport over HTTP. Each request takes its slot here, immediately before it leaves, so that there is
 * no way round the pace. Throws a TypeError at once when `baseUrl` is no URL.
 */
export function createHttpTransport(parts: HttpTransportParts): Transport {
  const base = new URL(parts.baseUrl).href.replace(/\/+$/, "");
  return { send: (request) => send(parts, base, request) };
}

async function send(parts: HttpTransportParts, base: string, request: AmocrmRequest): Promise<RawOutcome> {
  // Everything that takes time or can fail is done before the slot is taken: a slot that runs out unused is
  // lost to the whole account, and one that is used late breaks the distance to the next.
  const token = await parts.tokens.accessToken();
  if (!token.ok) return notSent("token", token.code, token.message, null);
  const headers = headersOf(request, token.token);
  if (headers === null) {
    return notSent(
      "token",
      "access_token_malformed",
      "Set AMOCRM_ACCESS_TOKEN: it has characters no header can carry",
      null,
    );
  }
  const url = urlOf(base, request);
  const body = request.body === null ? null : oneShotBody(JSON.stringify(request.body));

  const slot = await parts.slots.take(request.purpose);
  if (!slot.granted) return notSent("slot", slot.code, slot.message, slot.waitMs);
  const outcome = await exchange(parts, url, { method: request.method, headers, body }, request.timeoutMs);
  return { ...outcome, waitedMs: slot.waitedMs };
}

type Timed<T> = T extends unknown ? Omit<T, "waitedMs"> : never;

async function exchange(
  { fetch, clock }: HttpTransportParts,
  url: string,
  init: RequestInit,
  timeoutMs: number,
): Promise<Timed<AnsweredOutcome | FailedOutcome>> {
  const startedAtMs = clock.nowMs();
  const durationMs = () => clock.nowMs() - startedAtMs;
  const timeout = startTimeout(clock, timeoutMs);
  try {
    // A redirect is never followed: it would turn a POST into a GET and show the token to another host.
    const sent = fetch(url, { ...init, redirect: "manual", signal: timeout.signal });
    const response = await Promise.race([sent, timeout.expired]);
    if (response === EXPIRED) return timedOut(durationMs());
    const body = await Promise.race([readBody(response), timeout.expired]);
    const { text, fault } = body === EXPIRED ? ({ text: "", fault: "timeout" } as const) : body;
    return {
      kind: "answered",
      httpStatus: response.status,
      body: text,
      bodyFault: fault,
      retryAfter: response.headers.get("retry-after"),
      answeredAtMs: clock.nowMs(),
      durationMs: durationMs(),
    };
  } catch (error) {
    // The error itself goes no further: its text may hold the URL, and a search's URL holds an e-mail.
    if (timeout.signal.aborted) return timedOut(durationMs());
    return { kind: "failed", ...networkFailure(error), durationMs: durationMs() };
  } finally {
    timeout.stop();
  }
}

/** Nobody can tell how much of the request had been written, so the phase is `after`. */
function timedOut(durationMs: number): Timed<FailedOutcome> {
  return { kind: "failed", reason: "timeout", phase: "after", durationMs };
}

const EXPIRED = Symbol("expired");

interface Timeout {
  signal: AbortSignal;
  expired: Promise<typeof EXPIRED>;
  stop(): void;
}

/** Ends the wait itself, besides aborting the request, so that a stand-in for fetch need not know the signal. */
function startTimeout(clock: TransportClock, timeoutMs: number): Timeout {
  const request = new AbortController();
  const timer = new AbortController();
  const expired = new Promise<typeof EXPIRED>((resolve) => {
    const expire = () => {
      // The sleep ends early, by value or by error, when the answer came first.
      if (timer.signal.aborted) return;
      resolve(EXPIRED);
      request.abort();
    };
    clock.sleep(timeoutMs, timer.signal).then(expire, expire);
  });
  return { signal: request.signal, expired, stop: () => timer.abort() };
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
