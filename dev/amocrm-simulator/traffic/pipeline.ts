import { withOddRows } from "../account/odd-rows.ts";
import type { World } from "../account/world.ts";
import type { Answer, Incoming, Outcome } from "../http.ts";
import type { Body, Call } from "../routes/call.ts";
import { itemCount, parseBody } from "../routes/call.ts";
import { htmlAnswer, problemText } from "../routes/problem.ts";
import { parseQuery } from "../routes/query-tree.ts";
import { dispatch } from "../routes/router.ts";
import { answerOauth, bearerToken, isOauthPath, tokenClientId } from "../routes/routes-oauth.ts";
import type { Settings } from "../settings.ts";
import { SESSION_COOKIE } from "../sign-in/desk.ts";
import { answerSignIn, cookieOf, endedAnswer, isSignInPath, sessionCookie } from "../sign-in/routes.ts";
import type { ActiveFault, FaultScript } from "./faults.ts";
import { faultAnswer, isWrite, plannedMs, spoilAnswer, statusAnswer } from "./gate.ts";
import type { RateLimiter } from "./rate-limit.ts";
import type { RateRefusals } from "./refusals.ts";
import type { LogEntry, RequestLog } from "./request-log.ts";
import type { Bearer } from "./tokens.ts";

/** What stands around the account: the limits, the faults and the log. */
export interface Surroundings {
  limiter: RateLimiter;
  refusals: RateRefusals;
  faults: FaultScript;
  log: RequestLog;
}

interface Passage {
  world: World;
  around: Surroundings;
  incoming: Incoming;
  body: Body;
  bearer: Bearer | undefined;
  /** The cookie of a session is there, and no token. */
  isSession: boolean;
  /** What the session's cookie becomes with this answer. */
  renewed: string | null;
  active: ActiveFault | undefined;
  entry: LogEntry;
  requestId: string;
}

const NETWORK_FAULTS = new Set(["reset", "hang"]);

/** Takes one request from its arrival to its end: faults of the network, limits, authorisation, work, answer. */
export async function passRequest(world: World, around: Surroundings, incoming: Incoming): Promise<Outcome> {
  const passage = arrive(world, around, incoming);
  const { active, entry } = passage;
  if (active !== undefined && NETWORK_FAULTS.has(active.fault.kind)) {
    strike(passage);
    return end(passage, { kind: active.fault.kind === "hang" ? "hang" : "reset", afterWrite: false });
  }
  const refusal = refuse(passage);
  if (refusal !== undefined) return end(passage, { kind: "answer", answer: refusal });

  const answer = await work(passage);
  const fault = active?.fault;
  if (fault?.kind === "lost_answer") {
    entry.status = answer.status;
    return end(passage, { kind: fault.ending ?? "reset", afterWrite: true });
  }
  return end(passage, { kind: "answer", answer });
}

function arrive(world: World, around: Surroundings, incoming: Incoming): Passage {
  const { method, url } = incoming;
  const body = parseBody(incoming.body);
  const token = bearerToken(incoming);
  const isSignIn = isSignInPath(url.pathname);
  const isOauth = isOauthPath(url.pathname) && !isSignIn;
  const isSession = token === undefined && !isOauth && !isSignIn && incoming.header("cookie") !== null;
  const session = isSession ? world.desk.use(cookieOf(incoming, SESSION_COOKIE)) : undefined;
  const bearer = token === undefined || isOauth || isSignIn ? session?.bearer : world.tokens.bearer(token);
  const entry = around.log.open(
    {
      received_at_ms: world.ports.now(),
      method,
      path: url.pathname,
      query: url.search.slice(1),
      item_count: itemCount(body),
      fault: null,
      client_id: isOauth ? tokenClientId(incoming) : (bearer?.clientId ?? null),
      ...(world.settings.log_bodies && incoming.body !== "" ? { body: incoming.body } : {}),
    },
    world.settings.log_max,
  );
  const active = around.faults.match(method, url.pathname, contentOf(incoming));
  return {
    world,
    around,
    incoming,
    body,
    bearer,
    isSession,
    renewed: session?.renewed ?? null,
    active,
    entry,
    requestId: hexId(world),
  };
}

/** The query and the body as a person would read them. */
function contentOf({ url, body }: Incoming): string {
  return `${[...url.searchParams.values()].join("\n")}\n${body}`;
}

function strike(passage: Passage): void {
  if (passage.active === undefined) return;
  passage.around.faults.spend(passage.active);
  passage.entry.fault = passage.active.fault.kind;
}

/** Everything that ends a request before the account is touched, in the order a gateway and the API meet it. */
function refuse(passage: Passage): Answer | undefined {
  const { world, around, incoming, bearer, active, entry } = passage;
  const { settings } = world;
  const { address_max_bytes, long_address_status } = settings.lists;
  if (incoming.url.pathname.length + incoming.url.search.length > address_max_bytes)
    return htmlAnswer(long_address_status);
  const isSignIn = isSignInPath(incoming.url.pathname);
  const isOauth = isOauthPath(incoming.url.pathname) && !isSignIn;
  const isLookUp = isOauth && incoming.url.pathname !== "/oauth2/access_token";
  if (!isLookUp && settings.moved_to !== null && settings.moved_to !== incoming.url.host) {
    return movedAnswer(settings, settings.moved_to, incoming.url);
  }
  const isCounted = isOauth ? !isLookUp && settings.tokens.count_against_rate : !isSignIn;
  const isCountedAlone = !passage.isSession || settings.sign_in.counts_as === "integration";
  if (isCounted) {
    const verdict = around.limiter.take(
      isCountedAlone ? (entry.client_id ?? "unknown") : null,
      world.ports.now(),
    );
    if (verdict !== "pass") entry.fault = verdict === "over" ? "rate" : "blocked";
    if (verdict === "over") return around.refusals.answer(settings);
    if (verdict === "blocked") return htmlAnswer(403);
  }
  if (active !== undefined) {
    strike(passage);
    const answer = faultAnswer(active.fault, { settings, ...around, traceId: passage.requestId });
    if (answer !== undefined) return answer;
  }
  if (isOauth || isSignIn) return undefined;
  if (passage.isSession && bearer === undefined) return endedAnswer(world, incoming.url.origin);
  if ((!settings.is_integration_enabled && !passage.isSession) || bearer === undefined)
    return problemText(settings, 401, "unauthorized");
  return settings.is_paid ? undefined : problemText(settings, 402, "unpaid");
}

/** The old host of an account that has moved: a redirect, or the answer to a stranger. */
function movedAnswer(settings: Settings, movedTo: string, url: URL): Answer {
  if (settings.moved_status !== 301) {
    return problemText(
      settings,
      settings.moved_status,
      settings.moved_status === 404 ? "notFound" : "unauthorized",
    );
  }
  const location = `${url.protocol}//${movedTo}${url.pathname}${url.search}`;
  return { status: 301, headers: { location }, body: "" };
}

/** Does the work, in the time it is set to take; the write happens at `commit_fraction` of it. */
async function work(passage: Passage): Promise<Answer> {
  const { world, active, body, incoming } = passage;
  const { duration } = world.settings;
  const fault = active?.fault;
  const slowMs = fault?.kind === "slow" ? fault.ms : 0;
  const takesMs = plannedMs(duration, { items: itemCount(body), slowMs, random: world.ports.random });
  const limitMs = duration.timeout_504_over_ms;
  if (limitMs !== null && takesMs > limitMs) {
    await pause(world, limitMs * duration.commit_fraction);
    if (duration.timeout_504_writes && isWrite(incoming.method, body)) perform(passage);
    await pause(world, limitMs * (1 - duration.commit_fraction));
    return htmlAnswer(504);
  }
  await pause(world, takesMs * duration.commit_fraction);
  const answer = spoilAnswer(fault, perform(passage));
  await pause(world, takesMs * (1 - duration.commit_fraction) + duration.per_row_ms * (answer.rows ?? 0));
  const isAfterWrite = fault?.kind === "status" && fault.after_write === true;
  return isAfterWrite
    ? statusAnswer(fault, { settings: world.settings, traceId: passage.requestId })
    : answer;
}

function perform(passage: Passage): Answer {
  const { world, incoming, bearer, body } = passage;
  if (isSignInPath(incoming.url.pathname)) return answerSignIn(world, incoming);
  if (isOauthPath(incoming.url.pathname)) return answerOauth(world, incoming);
  const call: Omit<Call, "params"> = {
    method: incoming.method,
    url: incoming.url,
    query: parseQuery(incoming.url.searchParams),
    body,
    userId: bearer?.userId ?? 0,
  };
  const answer = dispatch(world, call);
  return call.method === "GET" ? withOddRows(world.store, incoming.url.pathname, answer) : answer;
}

async function pause(world: World, ms: number): Promise<void> {
  if (ms > 0) await world.ports.sleep(ms);
}

function end(passage: Passage, outcome: Outcome): Outcome {
  const { entry, world, requestId } = passage;
  entry.duration_ms = world.ports.now() - entry.received_at_ms;
  if (outcome.kind !== "answer") {
    entry.ending = outcome.kind;
    return outcome;
  }
  if (passage.renewed !== null) outcome.answer.cookies = [sessionCookie(passage.renewed)];
  entry.ending = "answered";
  entry.status = outcome.answer.status;
  outcome.answer.headers["x-request-id"] = requestId;
  outcome.answer.headers["date"] = new Date(world.store.nowSeconds() * 1000).toUTCString();
  return outcome;
}

function hexId(world: World): string {
  const word = () =>
    Math.floor(world.ports.random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, "0");
  return word() + word() + word() + word();
}
