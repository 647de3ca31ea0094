import { type Call, type ForwardParts, forward } from "./http/forward.ts";
import type { HeaderReader } from "./http/headers.ts";
import { judgePath } from "./http/paths.ts";
import { refusal, told } from "./http/refusals.ts";
import { showsSecret } from "./http/secret.ts";
import type { ServiceLog } from "./session/port.ts";

/** As many bytes as a body may have; a batch of 250 notes has a tenth of it. */
export const BODY_BYTES_MAX = 1_048_576;
const METHODS = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"];

/** A request as it came on the wire, before its body is read. */
export interface ServiceRequest {
  method: string;
  /** The request's target, undecoded. */
  target: string;
  header: HeaderReader;
  /** The body, up to the bound. Read only of who may send one. */
  body(): Promise<Uint8Array<ArrayBuffer> | null | "too_large">;
  /** Aborted when whoever asks is gone. */
  signal: AbortSignal;
}

export interface ServiceParts extends ForwardParts {
  secret: string;
  version: string;
  log: ServiceLog;
}

/** The service without its sockets: whoever shows the secret is passed on, everybody else learns how it is, and no more. */
export interface SessionService {
  handle(request: ServiceRequest): Promise<Response>;
  /** From now on no call is taken; those that are under way go on. */
  stop(): void;
}

export function createService(parts: ServiceParts): SessionService {
  let isStopping = false;
  const answer = async (request: ServiceRequest): Promise<Response> => {
    const { method, target, header } = request;
    const isGet = method === "GET" || method === "HEAD";
    if (target === "/health" && isGet) return told({ ...parts.keeper.health(), version: parts.version });
    if (!showsSecret(header("authorization"), parts.secret)) {
      parts.log("wrong_secret");
      return refusal("wrong_secret");
    }
    if (isStopping) return refusal("stopping");
    if (target === "/resume") {
      return method === "POST" ? told(await parts.keeper.resume()) : refusal("method_refused");
    }
    return await pass(parts, request);
  };
  return {
    handle: answer,
    stop() {
      isStopping = true;
    },
  };
}

async function pass(parts: ServiceParts, request: ServiceRequest): Promise<Response> {
  const judged = judgePath(request.target);
  if (!judged.ok) {
    parts.log("path_refused");
    return refusal("path_refused", { message: judged.message });
  }
  const { method, header, signal } = request;
  if (!METHODS.includes(method)) return refusal("method_refused");
  const body = await request.body();
  if (body === "too_large") return refusal("body_too_large");
  const call: Call = { method, path: judged.path, query: judged.query, header, body, signal };
  return await forward(parts, call);
}
