import type { Answer, Incoming, Outcome } from "./http.ts";
import { SimulatedReset } from "./http.ts";
import type { Ports } from "./ports.ts";

/**
 * A `fetch` over a request handler. A reset rejects with SimulatedReset; a hang waits for the request's signal, and
 * ends as a reset at `hangMaxMs`. An aborted request rejects at once while the simulator works on, as a server does.
 */
export function fetchOf(
  handle: (incoming: Incoming) => Promise<Outcome>,
  options: { ports: Ports; hangMaxMs: () => number },
): (input: Request | string | URL, init?: RequestInit) => Promise<Response> {
  return async (input, init) => {
    const { incoming, signal } = await receive(input, init);
    signal.throwIfAborted();
    const answered = handle(incoming).then(async (outcome) => {
      if (outcome.kind === "answer") return toResponse(outcome.answer);
      if (outcome.kind === "hang") await options.ports.sleep(options.hangMaxMs(), signal);
      throw new SimulatedReset(outcome.afterWrite);
    });
    return await raceAbort(answered, signal);
  };
}

/** Reads a request; a body given as text is taken as it is, because streams cost a virtual clock its order. */
async function receive(
  input: Request | string | URL,
  init: RequestInit | undefined,
): Promise<{ incoming: Incoming; signal: AbortSignal }> {
  const isPlain = typeof init?.body === "string" && !(input instanceof Request);
  const { body: plainBody, ...plainInit } = init ?? {};
  const request = isPlain ? new Request(input, plainInit) : new Request(input, init);
  const body = isPlain ? String(plainBody) : request.body === null ? "" : await request.text();
  return {
    incoming: {
      method: request.method,
      url: new URL(request.url),
      header: (name) => request.headers.get(name),
      body,
    },
    signal: request.signal,
  };
}

function toResponse(answer: Answer): Response {
  const hasBody = answer.body !== "" && answer.status !== 204;
  const headers = new Headers(answer.headers);
  for (const cookie of answer.cookies ?? []) headers.append("set-cookie", cookie);
  return new Response(hasBody ? answer.body : null, { status: answer.status, headers });
}

async function raceAbort(answered: Promise<Response>, signal: AbortSignal): Promise<Response> {
  let stopListening = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    stopListening = () => signal.removeEventListener("abort", onAbort);
  });
  // After an abort nobody waits for the answer any more; its late failure is no surprise.
  answered.catch(() => undefined);
  try {
    return await Promise.race([answered, aborted]);
  } finally {
    stopListening();
  }
}
