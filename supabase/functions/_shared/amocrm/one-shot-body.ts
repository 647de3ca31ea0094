/** What fetch is given for a request's body. `duplex` is what Node and Deno ask for with a stream. */
export interface OneShotBody {
  body: ReadableStream<Uint8Array>;
  duplex: "half";
}

/**
 * A body that can be read once. Deno 2.9's fetch repeats a request on its own, POST too, when the connection is lost
 * before an answer: measured, two deals for one call. A stream cannot be sent twice, so it is never repeated.
 */
export function oneShotBody(text: string): OneShotBody {
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  return { body, duplex: "half" };
}
