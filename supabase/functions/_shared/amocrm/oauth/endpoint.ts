import { messageOf } from "../../platform/error-message.ts";
import type { Log } from "../../platform/log.ts";
import { type CallbackPorts, type CallbackQuery, type CallbackResult, takeConsent } from "./callback.ts";
import type { Integration, ReadyIntegration } from "./integration.ts";
import { browserHeaders, pageAnswer } from "./page.ts";
import { connectedPage, type Refusal, refused, refusedUnconfigured } from "./pages.ts";
import { type StartPorts, type StartResult, start, type Visitor } from "./start.ts";

/** A consent's address is a code of about a thousand characters and little else. */
const QUERY_MAX_CHARS = 8192;
const CODE = /^[\x21-\x7e]{1,4096}$/;
const REFERER_MAX_CHARS = 255;
/** As `Secrets.make` writes them; anything else was not made here and need not be looked up. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;
const CLIENT_ID_MAX_CHARS = 255;

/** What the pages for people need. */
export interface BrowserPorts {
  integration: Integration;
  visitor: Visitor;
  log: Log;
  start(integration: ReadyIntegration): StartPorts;
  callback(integration: ReadyIntegration): CallbackPorts;
}

/**
 * Answers a browser at `/start` and `/callback`: with a redirect or a page, never with anything that a stranger wrote.
 * A HEAD, as link previews send it, makes no state.
 */
export async function answerBrowser(request: Request, ports: BrowserPorts): Promise<Response> {
  const route = routeOf(request);
  if (route !== "start" && route !== "callback") return refusalAnswer(refused("not_found"), request);
  if (request.method !== "GET") {
    return refusalAnswer(refused("method_not_allowed"), request, { allow: "GET" });
  }
  try {
    return route === "start" ? await answerStart(request, ports) : await answerCallback(request, ports);
  } catch (error) {
    const message = messageOf(error);
    ports.log("error", "oauth_failed", { route, message });
    return refusalAnswer(refused("failed"), request);
  }
}

/** The last part of the address; null if there is more or less behind the function's name than that. */
export function routeOf(request: Request): string | null {
  return /\/amocrm-oauth\/([^/]+)\/?$/.exec(new URL(request.url).pathname)?.[1] ?? null;
}

/** A refusal as a page in the browser's language. */
function refusalAnswer(
  { page }: Refusal,
  request: Request,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return pageAnswer(page, request.headers.get("accept-language"), headers);
}

async function answerStart(request: Request, ports: BrowserPorts): Promise<Response> {
  const started = await startOf(request, ports);
  if (started.ok) {
    ports.log("info", "oauth_begun");
    return new Response(null, { status: 302, headers: browserHeaders({ location: started.url }) });
  }
  ports.log("warn", "oauth_refused", { route: "start", code: started.code });
  return refusalAnswer(started, request);
}

async function startOf(
  request: Request,
  { integration, visitor, ...ports }: BrowserPorts,
): Promise<StartResult> {
  const ready = readyOf(request, integration);
  if (!ready.ok) return ready;
  const { searchParams: query } = new URL(request.url);
  const link = oneOf(query, "link");
  if (link === TWICE) return refused("malformed");
  if (link !== null && !SECRET.test(link)) return refused("link_unknown");
  const allowsSwitch = query.get("switch") === "true";
  return await start({ link, allowsSwitch }, visitor, ports.start(ready.integration));
}

async function answerCallback(request: Request, ports: BrowserPorts): Promise<Response> {
  const result = await callbackOf(request, ports);
  if (result.ok) {
    const { accountId, host, isSwitched } = result.facts;
    ports.log("info", "oauth_connected", { accountId, host, isSwitched });
    return pageAnswer(connectedPage(result.facts), request.headers.get("accept-language"));
  }
  const { code, causeCode = null } = result;
  ports.log("warn", "oauth_refused", { route: "callback", code, causeCode });
  return refusalAnswer(result, request);
}

async function callbackOf(
  request: Request,
  { integration, ...ports }: BrowserPorts,
): Promise<CallbackResult> {
  const ready = readyOf(request, integration);
  if (!ready.ok) return ready;
  const query = callbackQueryOf(new URL(request.url).searchParams);
  return query === null ? refused("malformed") : await takeConsent(query, ports.callback(ready.integration));
}

/** Whether there is anything to begin with: an address of a sensible length, and an integration. */
function readyOf(
  request: Request,
  integration: Integration,
): { ok: true; integration: ReadyIntegration } | Refusal {
  if (new URL(request.url).search.length > QUERY_MAX_CHARS) return refused("address_too_long");
  if (integration.state === "unconfigured") return refusedUnconfigured(integration.message);
  return integration.state === "ready" ? { ok: true, integration } : refused(integration.state);
}

const TWICE = Symbol("named twice");

/** A parameter that may be named once: of two states, which one would count? */
function oneOf(query: URLSearchParams, name: string): string | null | typeof TWICE {
  const values = query.getAll(name);
  return values.length > 1 ? TWICE : (values[0] ?? null);
}

/** The parameters of amoCRM's redirect by their form; null if one cannot be what amoCRM sends. */
function callbackQueryOf(query: URLSearchParams): CallbackQuery | null {
  const values = ["code", "state", "referer", "client_id", "error"].map((name) => oneOf(query, name));
  if (values.includes(TWICE)) return null;
  const [code = null, state = null, referer = null, clientId = null, error = null] = values as (
    | string
    | null
  )[];
  const isGarbled =
    (code !== null && !CODE.test(code)) ||
    (referer?.length ?? 0) > REFERER_MAX_CHARS ||
    (clientId?.length ?? 0) > CLIENT_ID_MAX_CHARS ||
    (error !== null && error !== "access_denied");
  if (isGarbled) return null;
  const isOurs = state !== null && SECRET.test(state);
  return { code, state: isOurs ? state : null, referer, clientId, isDenied: error !== null };
}
