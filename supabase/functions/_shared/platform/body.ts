import { parseJson } from "./json.ts";

/** Bytes in memory of their own. Older TypeScript, as hosted, has no name for that but what `from` makes. */
export type Bytes = ReturnType<typeof Uint8Array.from>;

/** The body as text, or null if it has more bytes than the limit. */
export async function readBody(request: Request, limitBytes: number): Promise<string | null> {
  const bytes = await readBytes(request, limitBytes);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

/** The body as it came, or null if it has more bytes than the limit; what lies beyond the limit is not read. */
export async function readBytes(request: Request, limitBytes: number): Promise<Bytes | null> {
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) return null;
  if (request.body === null) return Uint8Array.from([]);
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    byteCount += value.byteLength;
    if (byteCount > limitBytes) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

/** A body that is JSON, or why it is refused. */
export type JsonBody =
  | { ok: true; json: unknown }
  | { ok: false; status: number; code: string; message: string };

/** Reads the body as JSON, within the limit. */
export async function readJsonBody(request: Request, limitBytes: number): Promise<JsonBody> {
  const body = await readBody(request, limitBytes);
  if (body === null) {
    const message = `The body may have ${limitBytes} bytes at most`;
    return { ok: false, status: 413, code: "body_too_large", message };
  }
  const json = parseJson(body);
  return json === undefined
    ? { ok: false, status: 400, code: "invalid_json", message: "The body is not JSON" }
    : { ok: true, json };
}
