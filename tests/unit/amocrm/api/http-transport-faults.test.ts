import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { ANSWER_BYTES_MAX } from "#shared/platform/http/answer-body.ts";
import { CREATE, READ } from "../support/requests.ts";
import { impatientClock, stillClock, transportTo } from "../support/transport.ts";

it("the HTTP transport gives up after the request's own timeout and aborts the fetch", async () => {
  const clock = impatientClock();
  let signal: AbortSignal | null | undefined;
  const transport = transportTo({
    clock,
    fetch: (_url, init) => {
      signal = init.signal;
      return new Promise(() => {});
    },
  });
  expect(await transport.send(CREATE)).toMatchObject({ kind: "failed", reason: "timeout", phase: "after" });
  expect(clock.waits).toEqual([10_000]);
  expect(signal?.aborted).toBe(true);
});

it("the HTTP transport keeps the status when only the body does not end in time", async () => {
  let expire = () => {};
  const clock = { ...stillClock, sleep: () => new Promise<void>((resolve) => (expire = resolve)) };
  const transport = transportTo({
    clock,
    fetch: async () => {
      const body = new ReadableStream({ pull: () => void setTimeout(expire) });
      return new Response(body, { status: 400 });
    },
  });
  expect(await transport.send(CREATE)).toMatchObject({ httpStatus: 400, body: "", bodyFault: "timeout" });
});

it("the HTTP transport stops the timer when the answer came", async () => {
  let stopped: AbortSignal | undefined;
  const clock = {
    ...stillClock,
    sleep: (_ms: number, signal?: AbortSignal) => {
      stopped = signal;
      return new Promise<void>(() => {});
    },
  };
  await transportTo({ clock, fetch: async () => new Response("{}") }).send(READ);
  expect(stopped?.aborted).toBe(true);
});

it("the HTTP transport reads no more of an answer than the bound", async () => {
  let pulled = 0;
  let isCancelled = false;
  const mebibyte = new Uint8Array(1024 * 1024);
  const fetch = async () =>
    new Response(
      new ReadableStream({
        pull: (controller) => {
          pulled += 1;
          controller.enqueue(mebibyte);
        },
        cancel: () => {
          isCancelled = true;
        },
      }),
    );
  const outcome = await transportTo({ fetch }).send(READ);
  expect(outcome).toMatchObject({ kind: "answered", body: "", bodyFault: "answer_too_large" });
  expect(pulled).toBeLessThanOrEqual(ANSWER_BYTES_MAX / mebibyte.length + 2);
  expect(isCancelled).toBe(true);
});

describe("the HTTP transport, with a server that misbehaves on the wire,", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function transportToServer(listener: RequestListener) {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    return transportTo({ baseUrl: `http://127.0.0.1:${port}` });
  }

  it("is in doubt when the connection is reset after the request", async () => {
    const transport = await transportToServer((request) => request.socket.resetAndDestroy());
    expect(await transport.send(CREATE)).toMatchObject({
      kind: "failed",
      reason: "connection_lost",
      phase: "after",
    });
  });

  it("knows the status when the answer breaks off", async () => {
    const transport = await transportToServer((_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{", () => response.destroy());
    });
    expect(await transport.send(CREATE)).toMatchObject({
      kind: "answered",
      httpStatus: 200,
      body: "",
      bodyFault: "connection_lost",
    });
  });

  it("knows that nothing was sent when nobody listens", async () => {
    const transport = await transportToServer(() => {});
    await new Promise((resolve) => server?.close(resolve));
    expect(await transport.send(CREATE)).toMatchObject({
      kind: "failed",
      reason: "connection_failed",
      phase: "before",
    });
  });
});
