/** The body as text, or null if it has more bytes than the limit; what lies beyond the limit is not read. */
export async function readBody(request: Request, limitBytes: number): Promise<string | null> {
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) return null;
  if (request.body === null) return "";
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
  return await new Blob(chunks as BlobPart[]).text();
}
