import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { z } from "zod";
import { type Client, createClient, isConnectionFault } from "../postgres/client.ts";

/** Stands in for pg_net's background worker. */
export interface NetWorker {
  /** Resolves when no queued request is unsent and none is in flight. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** As many as pg_net takes at once; the next ones wait until all of these have been answered. */
const BATCH_SIZE = 200;
/** A look into the queue without being woken: after a dropped connection, and before the extension exists. */
const POLL_MS = 1_000;
const RETRY_MS = 200;
/** net.check_worker_is_up looks for it. */
const APPLICATION_NAME = "pg_net";

const requestsSchema = z.array(
  z.object({
    id: z.string(),
    method: z.string().transform((method) => method.toUpperCase()),
    url: z.string(),
    headers: z.record(z.string(), z.string()).nullable(),
    body: z.instanceof(Uint8Array).nullable(),
    timeout_milliseconds: z.number(),
  }),
);
type NetRequest = z.infer<typeof requestsSchema>[number];

interface Found {
  name: string | null;
}

interface NetResponse {
  status: number | null;
  contentType: string | null;
  headers: Record<string, string> | null;
  content: string | null;
  isTimeout: boolean;
  error: string | null;
}

/**
 * Sends what net.http_post and the like have queued, and writes net._http_response. The extension's NOTIFY is
 * delivered on commit, so a request leaves at once after it, and never after a rollback.
 */
export async function startNetWorker(superuserUrl: string): Promise<NetWorker> {
  const client = createClient(superuserUrl, APPLICATION_NAME);
  const stopping = new AbortController();
  const { signal } = stopping;
  let drain: Promise<void> | undefined;
  let isWokenAgain = false;

  /** One drain at a time, as one background worker does it; a wake-up meanwhile leads to one more look. */
  const wake = (): Promise<void> => {
    if (signal.aborted) return drain ?? Promise.resolve();
    if (drain !== undefined) {
      isWokenAgain = true;
      return drain;
    }
    drain = drainQueue(client, signal)
      .catch((error: unknown) => {
        if (!signal.aborted && !isConnectionFault(error)) console.error("net worker:", error);
      })
      .then(() => {
        drain = undefined;
        if (!isWokenAgain) return;
        isWokenAgain = false;
        return wake();
      });
    return drain;
  };
  const listening = await startListening(superuserUrl, signal, () => void wake());
  const timer = setInterval(() => void wake(), POLL_MS);

  return {
    async idle() {
      await wake();
    },
    async stop() {
      stopping.abort();
      clearInterval(timer);
      await Promise.all([drain, listening.done]);
      await client.end();
    },
  };
}

/** Resolves as soon as it listens; the promise inside ends with the signal. Listens anew after each lost connection. */
async function startListening(
  url: string,
  signal: AbortSignal,
  onWake: () => void,
): Promise<{ done: Promise<void> }> {
  const heard = Promise.withResolvers<void>();
  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      const lost = Promise.withResolvers<void>();
      const stop = (): void => lost.resolve();
      signal.addEventListener("abort", stop, { once: true });
      // Not sql.listen: after a drop it tries once to listen again, and is deaf for good if that fails.
      const options = {
        max: 1,
        max_lifetime: null,
        connection: { application_name: APPLICATION_NAME },
        onnotice: () => {},
        onnotify: onWake,
        onclose: stop,
      };
      const sql = postgres(url, options);
      try {
        await sql.unsafe("listen pg_net_wake");
        heard.resolve();
        // What was queued while nobody listened.
        onWake();
        await lost.promise;
      } catch {
        // The server is down or has just hung up.
      }
      signal.removeEventListener("abort", stop);
      await sql.end({ timeout: 0 });
      if (!signal.aborted) await sleep(RETRY_MS);
    }
  };
  const done = loop();
  await heard.promise;
  return { done };
}

async function drainQueue(client: Client, stop: AbortSignal): Promise<void> {
  const [queue] = await client.run(
    (sql) => sql<Found[]>`select to_regclass('net.http_request_queue') as name`,
  );
  if (queue?.name == null) return;
  while (!stop.aborted && (await sendBatch(client, stop)) > 0);
}

/**
 * One transaction for a batch, as in pg_net: the rows are gone and the answers there for all others only when the slowest
 * request has ended, and what is queued meanwhile waits. A worker that dies leaves the requests in the queue.
 */
function sendBatch(client: Client, stop: AbortSignal): Promise<number> {
  return client.run(async (sql, isLost) => {
    // pg_net.ttl, as on the platform: whoever looks for an answer later finds none.
    await sql.unsafe("delete from net._http_response where created < now() - interval '6 hours'");
    await sql.unsafe("begin");
    try {
      const rows = await sql`
        with batch as (select id from net.http_request_queue order by id limit ${BATCH_SIZE})
        delete from net.http_request_queue using batch where http_request_queue.id = batch.id
        returning http_request_queue.id::text, method::text, url, headers, body, timeout_milliseconds`;
      const batch = requestsSchema.parse([...rows]);
      const responses = await Promise.all(batch.map((request) => send(request, stop)));
      stop.throwIfAborted();
      for (const [index, response] of responses.entries()) {
        // The client would quietly go on over a new connection, outside of the transaction.
        if (isLost()) throw new Error("the connection was lost within a batch");
        await saveResponse(sql, batch[index]?.id ?? "", response);
      }
      await sql.unsafe("commit");
      return batch.length;
    } catch (error) {
      if (!isLost()) await sql.unsafe("rollback").catch(() => {});
      throw error;
    }
  });
}

async function send(request: NetRequest, stop: AbortSignal): Promise<NetResponse> {
  const none = {
    status: null,
    contentType: null,
    headers: null,
    content: null,
    isTimeout: false,
    error: null,
  };
  const startedMs = performance.now();
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: { accept: "*/*", "user-agent": "pg_net/0.20.4", ...request.headers },
      body: request.method === "GET" ? null : request.body && Uint8Array.from(request.body),
      signal: AbortSignal.any([stop, AbortSignal.timeout(request.timeout_milliseconds)]),
    });
    const content = await response.text();
    const headers = Object.fromEntries(response.headers);
    return {
      ...none,
      status: response.status,
      contentType: headers["content-type"] ?? null,
      headers,
      content,
    };
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: { code?: string } };
    if (name === "TimeoutError") {
      const tookMs = (performance.now() - startedMs).toFixed(3);
      const text = `Timeout of ${request.timeout_milliseconds} ms reached. Total time: ${tookMs} ms`;
      return { ...none, isTimeout: true, error: text };
    }
    if (cause?.code === "ECONNREFUSED") return { ...none, error: "Couldn't connect to server" };
    if (cause?.code === "ENOTFOUND") return { ...none, error: "Couldn't resolve host name" };
    return { ...none, error: cause?.code ?? message };
  }
}

async function saveResponse(sql: postgres.Sql, id: string, response: NetResponse): Promise<void> {
  const { status, contentType, content, isTimeout, error } = response;
  const headers = response.headers && sql.json(response.headers);
  await sql`insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg)
    values (${id}, ${status}, ${contentType}, ${headers}, ${content}, ${isTimeout}, ${error})`;
}
