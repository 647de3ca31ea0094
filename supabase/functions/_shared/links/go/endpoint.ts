import { addressHeadersOf } from "../../platform/address-headers.ts";
import type { Clock } from "../../platform/clock.ts";
import { messageOf } from "../../platform/error-message.ts";
import type { Log } from "../../platform/log.ts";
import type { Counter } from "./counter.ts";
import type { LinkStore, OpenedLink } from "./port.ts";
import { judge } from "./rules/verdict.ts";

export interface GoPorts {
  store: LinkStore;
  counter: Counter;
  /** Keeps the worker alive for what goes on after the answer. */
  workOn(promise: Promise<unknown>): void;
  newId(): string;
  /** LINK_FALLBACK_URL: where links lead that have expired. */
  fallbackUrl: string | undefined;
  clock: Clock;
  log: Log;
}

/** A person waits: sooner told to come again than left before a white page. */
const OPEN_MS = 5000;
/** Answers are about one moment and one person: no cache may keep them, no search engine show them. */
const HEADERS = { "cache-control": "no-store", "x-robots-tag": "noindex" };

/**
 * One opening of a short link. Whoever asks is led on at once, machine or person; what it was is judged and counted after the
 * answer, and cannot hold it up. It leads only to what our table has: nothing of the address that was asked is passed on.
 */
export async function answerGo(request: Request, ports: GoPorts): Promise<Response> {
  const { store, clock, log } = ports;
  if (request.method !== "GET" && request.method !== "HEAD") {
    return said(request, 405, "Only GET is answered.", { allow: "GET, HEAD" });
  }
  const code = /\/go\/([A-Za-z0-9_-]{1,64})\/?$/.exec(new URL(request.url).pathname)?.[1];
  if (code === undefined) return unknown(request);
  let link: OpenedLink | null;
  try {
    link = await within(OPEN_MS, clock, store.open(code));
  } catch (error) {
    log("error", "go_failed", { message: messageOf(error) });
    return said(
      request,
      503,
      "Please open the link again in a moment.\nПожалуйста, откройте ссылку ещё раз через минуту.",
      { "retry-after": "5" },
    );
  }
  if (link === null) return unknown(request);
  countLater(request, code, ports);
  if (!link.is_expired) return led(link.target_url, log) ?? unknown(request);
  const fallback = ports.fallbackUrl === undefined ? null : led(ports.fallbackUrl, log);
  return fallback ?? said(request, 410, "This link has expired.\nСрок действия ссылки истёк.");
}

/** To an http or https address only, in the letters that a header may have. */
function led(target: string, log: Log): Response | null {
  const url = URL.canParse(target) ? new URL(target) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) {
    return new Response(null, { status: 302, headers: { ...HEADERS, location: url.href } });
  }
  log("error", "go_target_refused");
  return null;
}

function countLater(request: Request, code: string, { store, counter, newId, workOn }: GoPorts): void {
  const agent = (request.headers.get("user-agent") ?? "").slice(0, 300);
  const headers = addressHeadersOf(request.headers);
  const verdict = judge(request.method, request.headers);
  workOn(counter.count({ id: newId(), code, agent, headers, ...verdict }, store));
}

function unknown(request: Request): Response {
  return said(request, 404, "There is no such link.\nТакой ссылки нет.");
}

function said(
  request: Request,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): Response {
  return new Response(request.method === "HEAD" ? null : `${text}\n`, {
    status,
    headers: { ...HEADERS, "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

async function within<Value>(ms: number, clock: Clock, work: Promise<Value>): Promise<Value> {
  const done = new AbortController();
  const tooLate = clock.sleep(ms, done.signal).then((): never => {
    throw new Error(`no answer in ${ms} ms`);
  });
  // Rejected once nobody listens any more.
  tooLate.catch(() => {});
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    done.abort();
  }
}
