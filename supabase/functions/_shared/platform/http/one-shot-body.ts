/**
 * A body that the runtime cannot send twice. Deno 2.9's fetch repeats a request on its own, POST too, when the
 * connection is lost before an answer: measured, two deals for one call. It cannot replay a Blob, which it reads as a
 * stream; and unlike a bare stream, a Blob goes out with its length, as every server understands.
 */
export function oneShotBody(text: string): Blob {
  return new Blob([text]);
}
