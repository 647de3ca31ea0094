import { ApiError } from "./errors.ts";

/**
 * Reads the body as JSON text, by its content type as PostgREST does: a form's fields are an object of texts, and what has
 * no content type counts as JSON. Postgres gets the client's own JSON, unchanged: parsing and writing it anew would round
 * large numbers.
 */
export async function readBody(request: Request, isCall: boolean): Promise<string> {
  const text = await readText(request);
  const type =
    (request.headers.get("content-type") ?? "application/json").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (type === "application/json") {
    // Only a function can be called without a body.
    if (text.trim() === "" && !isCall && request.method !== "DELETE") {
      throw new ApiError(400, "PGRST102", "Empty or invalid json");
    }
    return text;
  }
  if (type === "application/x-www-form-urlencoded") {
    return JSON.stringify(Object.fromEntries(new URLSearchParams(text)));
  }
  if (isCall && ["text/plain", "text/xml", "application/octet-stream"].includes(type)) {
    throw new ApiError(501, "LOCAL", `The local Data API gives no function a body of ${type}`);
  }
  if (request.method === "DELETE") return "";
  throw new ApiError(400, "PGRST102", `Content-Type not acceptable: ${type}`);
}

/** Bytes that are no UTF-8 are refused here, where the reason can still be told. */
async function readText(request: Request): Promise<string> {
  const bytes = await request.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ApiError(400, "PGRST102", "Empty or invalid json", { details: "The body is not valid UTF-8" });
  }
}

/** The parsed body; an empty one counts as `{}`. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text.trim() === "" ? "{}" : text);
  } catch {
    throw new ApiError(400, "PGRST102", "Empty or invalid json");
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The body as an object, as PATCH needs it. */
export function parseObject(text: string): Record<string, unknown> {
  const body = parseBody(text);
  if (!isObject(body)) throw new ApiError(400, "PGRST102", "The body must be a JSON object");
  return body;
}

/** The body as rows and as the text of a JSON array; one object counts as a list of one. */
export function parseRows(text: string): { rows: Record<string, unknown>[]; text: string } {
  const body = parseBody(text);
  if (Array.isArray(body)) {
    if (!body.every(isObject)) throw new ApiError(400, "PGRST102", "Each row must be a JSON object");
    return { rows: body, text };
  }
  if (!isObject(body)) throw new ApiError(400, "PGRST102", "The body must be a JSON object or array");
  return { rows: [body], text: `[${text.trim() === "" ? "{}" : text}]` };
}
