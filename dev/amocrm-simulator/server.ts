import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Answer, Incoming } from "./http.ts";
import type { Simulator, SimulatorOptions } from "./simulator.ts";
import { createSimulator } from "./simulator.ts";

const HOST = "127.0.0.1";
/** As long as nginx keeps them: shorter, and a client at a slow pace would meet closing connections. */
const KEEP_ALIVE_MS = 75_000;
const BODY_MAX_BYTES = 20 * 1024 * 1024;

/** A simulator behind a real socket. */
export interface SimulatorServer {
  /** `http://127.0.0.1:{port}`, without a slash at the end. */
  url: string;
  accessToken: string;
  simulator: Simulator;
  /** Closes the port and all connections, as an outage does; the account stays. */
  down: () => Promise<void>;
  /** Opens the same port again. */
  up: () => Promise<void>;
  close: () => Promise<void>;
}

export interface ServerOptions extends SimulatorOptions {
  /** 0 or absent: any free port. */
  port?: number;
  /** A simulator made elsewhere; then the other options do not count. */
  simulator?: Simulator;
}

/**
 * Serves a simulator on the loopback address. A reset destroys the socket, a hang leaves it open without an answer.
 * Rejects with Node's own error when the port is taken.
 */
export async function startServer(options: ServerOptions = {}): Promise<SimulatorServer> {
  const simulator = options.simulator ?? createSimulator(options);
  const server = createServer((request, response) => {
    serve(simulator, request, response).catch((error: unknown) => {
      console.error("amocrm-simulator: a request failed", error);
      response.destroy();
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
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

  await listen(options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${port}`,
    accessToken: simulator.accessToken,
    simulator,
    down,
    up: () => listen(port),
    close: down,
  };
}

async function serve(
  simulator: Simulator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) return send(response, { status: 413, headers: {}, body: "" });
  const incoming: Incoming = {
    method: request.method ?? "GET",
    url: new URL(request.url ?? "/", `http://${request.headers.host ?? HOST}`),
    header: (name) => {
      const value = request.headers[name];
      return typeof value === "string" ? value : null;
    },
    body,
  };
  const outcome = await simulator.handle(incoming);
  if (outcome.kind === "answer") return send(response, outcome.answer);
  if (outcome.kind === "reset") request.socket.resetAndDestroy();
}

/** The request's body as text; undefined when it is larger than any client should send. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > BODY_MAX_BYTES) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  const bytes = Buffer.from(answer.body, "utf8");
  const length = answer.status === 204 ? {} : { "content-length": String(bytes.length) };
  const cookies = answer.cookies === undefined ? {} : { "set-cookie": [...answer.cookies] };
  response.writeHead(answer.status, { ...answer.headers, ...length, ...cookies });
  response.end(bytes);
}
