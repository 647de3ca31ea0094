import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inboxPage } from "./inbox.ts";
import { createResendSimulator, type ResendSimulator, type SimulatorOptions } from "./simulator.ts";

const HOST = "127.0.0.1";
const BODY_MAX_BYTES = 1024 * 1024;

/** A simulated Resend behind a real socket. */
export interface ResendServer {
  /** `http://127.0.0.1:{port}`; in a browser it shows the mails. */
  url: string;
  simulator: ResendSimulator;
  /** The variables of the functions that lead here. */
  functionEnv: Record<string, string>;
  /** Closes the port and all connections, as an outage does; keys and mails stay. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

export async function startResend(options: SimulatorOptions = {}): Promise<ResendServer> {
  const simulator = createResendSimulator(options);
  const server = createServer((request, response) => {
    serve(simulator, request, response).catch(() => response.destroy());
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, HOST, () => {
        server.off("error", reject);
        resolve();
      });
    });
  const down = () =>
    new Promise<void>((resolve) => {
      if (!server.listening) return resolve();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = `http://${HOST}:${port}`;
  return {
    url,
    simulator,
    functionEnv: {
      RESEND_API_KEY: simulator.apiKey,
      RESEND_BASE_URL: url,
      RESEND_WEBHOOK_SECRET: simulator.webhookSecret,
      MAIL_FROM: "Tripwire School <hello@school.example>",
    },
    down,
    up: () => listen(port),
    close: down,
  };
}

async function serve(
  simulator: ResendSimulator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? "/";
  if (request.method === "GET") return show(simulator, path, response);
  if (request.method !== "POST" || path !== "/emails") {
    return reply(
      response,
      404,
      { "content-type": "application/json" },
      JSON.stringify({ name: "not_found" }),
    );
  }
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? "");
  const key = request.headers["idempotency-key"];
  const outcome = simulator.send({
    apiKey: bearer?.[1] ?? null,
    key: typeof key === "string" ? key : null,
    body: await readBody(request),
  });
  if (outcome.kind === "reset") request.socket.resetAndDestroy();
  if (outcome.kind !== "answer") return;
  const headers = { "content-type": "application/json", ...outcome.headers };
  reply(response, outcome.status, headers, JSON.stringify(outcome.body));
}

function show(simulator: ResendSimulator, path: string, response: ServerResponse): void {
  const html = { "content-type": "text/html; charset=utf-8" };
  const [, id, part] = /^\/mails\/([\w-]+)(\/text)?$/.exec(path) ?? [];
  const mail = simulator.mails().find((one) => one.id === id);
  if (id === undefined) reply(response, 200, html, inboxPage(simulator.mails()));
  else if (mail === undefined) reply(response, 404, html, "No such mail");
  else if (part === undefined) reply(response, 200, html, mail.body.html ?? "");
  else reply(response, 200, { "content-type": "text/plain; charset=utf-8" }, mail.body.text ?? "");
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > BODY_MAX_BYTES) throw new Error("the body is too large");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function reply(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string,
): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
