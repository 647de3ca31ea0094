import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const HOST = "127.0.0.1";

type Outcome = { kind: "answer"; status: number; body: string } | { kind: "reset" } | { kind: "silence" };

/** A simulated service that is asked by POST, and what a developer's browser sees of it. */
interface Service {
  call(request: { url: string; body: string }): Outcome;
  /** As plain text, so that nothing in it is markup. */
  show(): string;
  bodyMaxBytes: number;
}

/** Puts a simulator behind a real socket. */
export async function openSocket(service: Service): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    serve(service, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, resolve);
  });
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  { call, show, bodyMaxBytes }: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === "GET" && request.url === "/")
    return reply(response, 200, "text/plain; charset=utf-8", show());
  if (request.method !== "POST") return reply(response, 405, "text/plain", "POST only");
  const outcome = call({ url: request.url ?? "/", body: await readBody(request, bodyMaxBytes) });
  if (outcome.kind === "reset") request.socket.resetAndDestroy();
  if (outcome.kind === "answer") reply(response, outcome.status, "application/json", outcome.body);
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) throw new Error("the body is too large");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function reply(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
