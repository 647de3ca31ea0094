import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createMobizonSimulator, type MobizonSimulator, type SimulatorOptions } from "./simulator.ts";

const HOST = "127.0.0.1";
const BODY_MAX_BYTES = 64 * 1024;

/** A simulated Mobizon behind a real socket. */
export interface MobizonServer {
  /** `http://127.0.0.1:{port}`; in a browser it shows the SMS. */
  url: string;
  simulator: MobizonSimulator;
  /** The variables of the functions that lead here. */
  functionEnv: Record<string, string>;
  close(): Promise<void>;
}

export async function startMobizon(options: SimulatorOptions = {}): Promise<MobizonServer> {
  const simulator = createMobizonSimulator(options);
  const server = createServer((request, response) => {
    serve(simulator, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, resolve);
  });
  const url = `http://${HOST}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    simulator,
    functionEnv: {
      MOBIZON_API_KEY: simulator.apiKey,
      MOBIZON_BASE_URL: url,
      MOBIZON_WEBHOOK_SECRET: simulator.webhookSecret,
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  simulator: MobizonSimulator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === "GET" && request.url === "/") return show(simulator, response);
  if (request.method !== "POST") return reply(response, 405, "text/plain", "POST only");
  const outcome = simulator.call({ url: request.url ?? "/", body: await readBody(request) });
  if (outcome.kind === "reset") request.socket.resetAndDestroy();
  if (outcome.kind === "answer") reply(response, outcome.status, "application/json", outcome.body);
}

/** The list of all SMS, newest first, for a developer's browser; as plain text, so that nothing in it is markup. */
function show(simulator: MobizonSimulator, response: ServerResponse): void {
  const lines = simulator
    .sms()
    .toReversed()
    .map(({ to, status, segNum, text }) => `+${to}  ${status}  ${segNum} part(s)\n${text}\n`);
  reply(
    response,
    200,
    "text/plain; charset=utf-8",
    lines.length === 0 ? "No SMS was sent yet.\n" : lines.join("\n"),
  );
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

function reply(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
