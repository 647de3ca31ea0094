import type { Clock } from "../clock.ts";
import { readBody } from "./answer-body.ts";
import { networkFailure } from "./network-failure.ts";
import type { AnsweredOutcome, FailedOutcome } from "./outcome.ts";

/** Names us in amoCRM's logs, so that their support can tell our requests from other integrations'. */
export const USER_AGENT = "supabase-amocrm/0.1";

/** The part of fetch that we use, so that tests and the simulator can stand in for it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What an exchange works with. */
export interface HttpParts {
  fetch: Fetch;
  clock: Clock;
  /** Told of each exchange when it is over; for those that no client logs. */
  seen?: (method: string, url: string, outcome: Timed<AnsweredOutcome | FailedOutcome>) => void;
}

/** An outcome of which only the sender knows how long it waited for its slot. */
export type Timed<T> = T extends unknown ? Omit<T, "waitedMs"> : never;

/** Sends one request and waits for the whole answer, for that long at most. Never throws for what the network does. */
export async function exchange(
  parts: HttpParts,
  url: string,
  init: RequestInit,
  timeoutMs: number,
): Promise<Timed<AnsweredOutcome | FailedOutcome>> {
  const outcome = await answerOf(parts, url, init, timeoutMs);
  parts.seen?.(init.method ?? "GET", url, outcome);
  return outcome;
}

async function answerOf(
  { fetch, clock }: HttpParts,
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
      date: response.headers.get("date"),
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
/** Given as the reason, since without one each abort makes an error with its stack, which nobody reads. */
const ANSWERED = Symbol("answered");

interface Timeout {
  signal: AbortSignal;
  expired: Promise<typeof EXPIRED>;
  stop(): void;
}

/** Ends the wait itself, besides aborting the request, so that a stand-in for fetch need not know the signal. */
function startTimeout(clock: Clock, timeoutMs: number): Timeout {
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
  return { signal: request.signal, expired, stop: () => timer.abort(ANSWERED) };
}
