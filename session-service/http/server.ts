import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BODY_BYTES_MAX, type ServiceRequest, type SessionService } from "../service.ts";
import type { ServiceLog } from "../session/port.ts";

/** Longer than any call takes: a client that sends its headers and then nothing is let go. */
const REQUEST_TIMEOUT_MS = 60_000;
/** As long as gateways keep connections, so that a caller at a slow pace meets none that is just closing. */
const KEEP_ALIVE_MS = 75_000;

export interface ServiceServer {
  url: string;
  /** Takes no new connection, and waits for what is under way. */
  close(): Promise<void>;
}

/** The service behind a socket. Rejects with Node's own error when the port is taken. */
export async function listen(
  service: SessionService,
  place: { host: string; port: number },
  log: ServiceLog,
): Promise<ServiceServer> {
  let isClosing = false;
  const server = createServer((request, response) => {
    serve(service, request, response, () => isClosing).catch((error: unknown) => {
      // An answer that breaks off on its way is the caller's to judge; its text may hold an address.
      log("answer_broke_off", { error: error instanceof Error ? error.name : "unknown" });
      response.destroy();
    });
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(place.port, place.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    url: urlOf(server, place.host),
    close() {
      isClosing = true;
      return closed(server);
    },
  };
}

async function serve(
  service: SessionService,
  request: IncomingMessage,
  response: ServerResponse,
  isClosing: () => boolean,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const answer = await service.handle(requestOf(request, gone.signal));
  if (gone.signal.aborted) return;
  const headers: Record<string, string> = Object.fromEntries(answer.headers);
  // What was not read of a body would be taken for the next request; and a connection that is kept holds up the end.
  if (!request.complete || isClosing()) headers["connection"] = "close";
  response.writeHead(answer.status, headers);
  if (answer.body === null || request.method === "HEAD") response.end();
  else await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), response);
}

function requestOf(request: IncomingMessage, signal: AbortSignal): ServiceRequest {
  return {
    method: request.method ?? "GET",
    target: request.url ?? "",
    header(name) {
      const value = request.headers[name];
      return typeof value === "string" ? value : null;
    },
    body: () => readBody(request),
    signal,
  };
}

async function readBody(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | null | "too_large"> {
  if (Number(request.headers["content-length"] ?? 0) > BODY_BYTES_MAX) return "too_large";
  const chunks: Buffer[] = [];
  let size = 0;
  // A request that is too large is answered, and for that its connection must live.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.byteLength;
    if (size > BODY_BYTES_MAX) return "too_large";
    chunks.push(bytes);
  }
  return size === 0 ? null : new Uint8Array(Buffer.concat(chunks));
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
