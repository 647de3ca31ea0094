import {
  ACCOUNT_HEADER,
  ORIGIN_HEADER,
  PASSED,
  SESSION_HEADER,
} from "#shared/amocrm/api/session-contract.ts";
import { type Fetch, networkFailure } from "#shared/platform/http.ts";
import type { SessionKeeper } from "../session/keeper.ts";
import type { Session } from "../session/port.ts";
import { type HeaderReader, headersForAmocrm, headersForFunctions, toldWaitMs } from "./headers.ts";
import { refusal } from "./refusals.ts";

/** How long a call waits for a sign-in that is under way, if it does not say. */
const DEFAULT_WAIT_MS = 60_000;

/** What a call is passed on with. */
export interface ForwardParts {
  /** The one account. */
  origin: string;
  keeper: SessionKeeper;
  fetch: Fetch;
}

/** A call that may go: its path is judged, its body whole. */
export interface Call {
  method: string;
  path: string;
  query: string;
  header: HeaderReader;
  body: Uint8Array<ArrayBuffer> | null;
  /** Aborted when whoever called is gone. */
  signal: AbortSignal;
}

/**
 * Passes one call on with the session's cookies. A session that amoCRM turns away was over before: what was asked was not
 * done, so that it goes once more with the next session, whatever it is.
 */
export async function forward(parts: ForwardParts, call: Call): Promise<Response> {
  const waitMs = toldWaitMs(call.header("prefer")) ?? DEFAULT_WAIT_MS;
  for (let isRepeat = false; ; isRepeat = true) {
    const answer = await parts.keeper.session(waitMs);
    if (!answer.ok) return withoutSession(parts.keeper, answer);
    const { session } = answer;
    const meant = call.header(ACCOUNT_HEADER);
    if (meant !== null && meant !== String(session.accountId)) return refusal("other_account");
    // Nobody waits for it any more: sent now, it would be a write of which nobody hears.
    if (call.signal.aborted) return refusal("stopping", { message: "The caller is gone" });
    const sent = await send(parts, call, session);
    if (sent instanceof Response) return sent;
    session.jar.take(sent.upstream.headers.getSetCookie());
    const verdict = judge(call.method, sent.upstream);
    if (verdict !== "alive") parts.keeper.ended(session);
    if (verdict !== "ended") return passedOn(parts.origin, session, sent.upstream);
    // Read to its end, so that the connection can be used again.
    await sent.upstream.arrayBuffer().catch(() => undefined);
    if (isRepeat) return refusal("signed_out", { waitMs: 1_000 });
  }
}

async function send(
  { origin, fetch }: ForwardParts,
  { method, path, query, header, body, signal }: Call,
  session: Session,
): Promise<{ upstream: Response } | Response> {
  try {
    const upstream = await fetch(`${origin}${path}${query === "" ? "" : `?${query}`}`, {
      method,
      headers: headersForAmocrm(header, session.jar.header()),
      body,
      // A redirect would show the cookies to whoever it names.
      redirect: "manual",
      signal,
    });
    return { upstream };
  } catch (error) {
    // The error itself goes no further: its text may hold the address, and a search's address holds an e-mail.
    return refusal(networkFailure(error).phase === "before" ? "amocrm_unreachable" : "amocrm_lost");
  }
}

/**
 * `ended`: the session is over, and the call was not carried out: 401, or a way to the sign-in page. A page in place of
 * JSON says the same of a read; of a write it does not say whether it was done, so that it goes back as it came.
 */
function judge(method: string, { status, headers }: Response): "alive" | "ended" | "doubtful" {
  if (status === 401 || status === 0 || (status >= 300 && status < 400 && status !== 304)) return "ended";
  const isPage = status === 200 && (headers.get("content-type") ?? "").includes("text/html");
  if (!isPage) return "alive";
  return method === "GET" || method === "HEAD" ? "ended" : "doubtful";
}

function passedOn(origin: string, session: Session, upstream: Response): Response {
  const { status } = upstream;
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  return new Response(hasBody ? upstream.body : null, {
    status,
    headers: {
      ...headersForFunctions((name) => upstream.headers.get(name)),
      [SESSION_HEADER]: PASSED,
      [ACCOUNT_HEADER]: String(session.accountId),
      [ORIGIN_HEADER]: origin,
    },
  });
}

function withoutSession(
  keeper: SessionKeeper,
  answer: { code: "signed_out" | "needs_person"; message: string; waitMs?: number },
): Response {
  const { state, reason } = keeper.health();
  const { code, message, waitMs } = answer;
  return refusal(code, { message, state, reason, ...(waitMs === undefined ? {} : { waitMs }) });
}
