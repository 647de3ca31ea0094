import http from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { isKnownKey, isOpenPath, splitPath, tokenFor } from "./key-rules.ts";
import type { StackKeys } from "./keys.ts";
import type { Claims, TokenFault, Tokens } from "./tokens.ts";

/** What stands behind the gateway. */
export interface GatewayServices {
  rest: (request: Request, path: string, claims: Claims) => Promise<Response>;
  auth: (request: Request, path: string, claims: Claims | null) => Promise<Response>;
  /** Undefined while the functions process is down. */
  functionsUrl: () => string | undefined;
  /** Whether the function wants the gateway to check the caller's token (config.toml). */
  verifyJwt: (functionName: string) => boolean;
}

export interface GatewayOptions {
  /** 0 for a free one. */
  port: number;
  keys: StackKeys;
  tokens: Tokens;
  /** Undefined until the parts behind are up; the address is needed before them, by the Vault secrets. */
  services: () => GatewayServices | undefined;
}

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "access-control-allow-methods": "GET,POST,PUT,PATCH,DELETE,OPTIONS,HEAD",
  "access-control-expose-headers": "*",
};
/** Set anew by each hop, or no longer true once fetch has unpacked the body. */
const HOP_HEADERS = [
  "connection",
  "content-encoding",
  "content-length",
  "expect",
  "host",
  "transfer-encoding",
];
const KEEP_ALIVE_MS = 60_000;

const answer = (status: number, body: unknown): Response => Response.json(body, { status, headers: CORS });
const bootError = (): Response =>
  answer(503, { code: "BOOT_ERROR", message: "Function failed to start (please check logs)" });

/** Opens one origin for /rest/v1, /auth/v1 and /functions/v1, with the hosted gateway's rules for keys. */
export async function startGateway(
  options: GatewayOptions,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = http.createServer((incoming, outgoing) => {
    handle(options, incoming, outgoing).catch((error: unknown) => {
      console.error("gateway:", error);
      if (!outgoing.headersSent) outgoing.writeHead(502, CORS);
      outgoing.end(JSON.stringify({ message: "An invalid response was received from the upstream server" }));
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the gateway has no TCP port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  options: GatewayOptions,
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
): Promise<void> {
  const response = await route(options, await toRequest(incoming));
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of response.headers) {
    if (!HOP_HEADERS.includes(name)) headers[name] = value;
  }
  outgoing.writeHead(response.status, headers);
  if (response.body === null || incoming.method === "HEAD") outgoing.end();
  else Readable.fromWeb(response.body as ReadableStream).pipe(outgoing);
}

async function toRequest(incoming: http.IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = new Headers();
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i]!, incoming.rawHeaders[i + 1]!);
  }
  tellAddress(headers, incoming.socket.remoteAddress ?? "127.0.0.1");
  const method = incoming.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD" && chunks.length > 0;
  const address = new URL(incoming.url ?? "/", `http://${incoming.headers.host ?? "127.0.0.1"}`);
  return new Request(address, { method, headers, ...(hasBody ? { body: Buffer.concat(chunks) } : {}) });
}

/**
 * What the proxy before a hosted project does: it alone writes `cf-connecting-ip`, while `x-forwarded-for` keeps
 * whatever the caller has put there and only ends with the caller's address.
 */
function tellAddress(headers: Headers, address: string): void {
  headers.set("cf-connecting-ip", address);
  headers.append("x-forwarded-for", address);
}

async function route(options: GatewayOptions, request: Request): Promise<Response> {
  const { keys, tokens } = options;
  const url = new URL(request.url);
  const target = splitPath(url.pathname);
  if (!target) return answer(404, { message: "no Route matched with those values" });
  const services = options.services();
  if (!services) return answer(503, { message: "The stack is starting" });
  const { service, path } = target;
  const apikey = request.headers.get("apikey") ?? url.searchParams.get("apikey");
  const token = tokenFor(request.headers.get("authorization"), apikey, keys);
  const claims = token === undefined ? null : tokens.check(token, Date.now() / 1000);

  if (service === "functions") return callFunction(services, request, path, token, claims);
  if (request.method === "OPTIONS") return new Response(null, { status: 200, headers: CORS });
  if (!isOpenPath(service, path)) {
    if (!apikey) {
      const hint = "No `apikey` request header or url param was found.";
      return answer(401, { message: "No API key found in request", hint });
    }
    if (!isKnownKey(apikey, keys)) {
      const hint = "Double check your Supabase `anon` or `service_role` API key.";
      return answer(401, { message: "Invalid API key", hint });
    }
  }
  if (typeof claims === "string") return refuseToken(service, claims);
  if (service === "auth") return withCors(await services.auth(request, path, claims));
  return withCors(await services.rest(request, path, claims ?? { role: "anon" }));
}

function refuseToken(service: "rest" | "auth", fault: TokenFault): Response {
  if (service === "auth") {
    return answer(403, { code: 403, error_code: "bad_jwt", msg: `invalid JWT: ${fault}` });
  }
  const empty = { details: null, hint: null };
  if (fault === "expired") return answer(401, { code: "PGRST303", ...empty, message: "JWT expired" });
  const message = fault === "malformed" ? "Expected 3 parts in JWT" : "No suitable key or wrong key type";
  return answer(401, { code: "PGRST301", ...empty, message });
}

/** Functions answer preflights and set CORS headers themselves, as on hosted; here nothing is added to theirs. */
async function callFunction(
  services: GatewayServices,
  request: Request,
  path: string,
  token: string | undefined,
  claims: Claims | TokenFault | null,
): Promise<Response> {
  const name = path.split("/")[1] ?? "";
  if (request.method !== "OPTIONS" && services.verifyJwt(name)) {
    if (token === undefined) return answer(401, { code: 401, message: "Missing authorization header" });
    if (typeof claims === "string") return answer(401, { code: 401, message: "Invalid JWT" });
  }
  const base = services.functionsUrl();
  if (base === undefined) return bootError();
  const headers = new Headers(request.headers);
  for (const hop of HOP_HEADERS) headers.delete(hop);
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  const { host, search } = new URL(request.url);
  headers.set("x-forwarded-host", host);
  const { method } = request;
  const body = method === "GET" || method === "HEAD" ? null : await request.arrayBuffer();
  try {
    return await fetch(base + path + search, { method, headers, body, redirect: "manual" });
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    if (cause?.code === "ECONNREFUSED") return bootError();
    // The process died with the call in its hands.
    const message = "Function exited due to an error (please check logs)";
    return answer(500, { code: "WORKER_ERROR", message });
  }
}

function withCors(response: Response): Response {
  for (const [name, value] of Object.entries(CORS)) response.headers.set(name, value);
  return response;
}
