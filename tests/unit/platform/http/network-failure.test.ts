import { createServer } from "node:net";
import { expect, it } from "vitest";
import { networkFailure } from "#shared/platform/http/network-failure.ts";

function fetchFailed(cause: object): Error {
  return new TypeError("fetch failed", { cause });
}

function system(code: string, syscall?: string): Error {
  return Object.assign(new Error(code), syscall === undefined ? { code } : { code, syscall });
}

const URL_TEXT = "error sending request for url (https://account.amocrm.test/api/v4/leads): ";

// Recorded from Node 24, Deno 2.1.4 (the hosted level) and Deno 2.9.5 against a server that misbehaves.
it.each<[string, unknown]>([
  ["Node: refused", fetchFailed(system("ECONNREFUSED", "connect"))],
  ["Node: no such host", fetchFailed(system("ENOTFOUND", "getaddrinfo"))],
  ["Node: connect timeout", fetchFailed(system("UND_ERR_CONNECT_TIMEOUT"))],
  ["Node: reset while connecting", fetchFailed(system("ECONNRESET", "connect"))],
  [
    "Node: every address refused",
    fetchFailed(new AggregateError([system("ECONNREFUSED", "connect"), system("ETIMEDOUT", "connect")])),
  ],
  [
    "Deno 2.1.4: refused",
    new TypeError(`${URL_TEXT}client error (Connect): tcp connect error: Connection refused`),
  ],
  ["Deno 2.9.5: no such host", fetchFailed(new Error(`${URL_TEXT}client error (Connect): dns error`))],
  ["Deno: TLS refused", new TypeError(`${URL_TEXT}client error (Connect): tls handshake eof`)],
])("networkFailure knows that nothing was written: %s", (_name, error) => {
  expect(networkFailure(error)).toEqual({ phase: "before", reason: "connection_failed" });
});

it.each<[string, unknown]>([
  ["Node: reset while reading", fetchFailed(system("ECONNRESET", "read"))],
  ["Node: other side closed", fetchFailed(system("UND_ERR_SOCKET"))],
  ["Node: TLS torn down, at an unknown moment", fetchFailed(system("ECONNRESET"))],
  [
    "Node: one of two addresses got further",
    fetchFailed(new AggregateError([system("ECONNREFUSED"), system("EPIPE")])),
  ],
  ["Node: an empty list of causes", fetchFailed(new AggregateError([]))],
  ["Deno 2.1.4: reset", new TypeError(`${URL_TEXT}client error (SendRequest): connection error`)],
  ["Deno 2.9.5: reset", fetchFailed(new Error("Connection reset by peer (os error 104)"))],
  ["Deno: closed early", fetchFailed(new Error(`${URL_TEXT}client error (SendRequest): connection closed`))],
  ["msw: a network error", new TypeError("Failed to fetch")],
  ["no error at all", undefined],
  ["a text", "client error (Connect)"],
])("networkFailure is in doubt and says after: %s", (_name, error) => {
  expect(networkFailure(error)).toEqual({ phase: "after", reason: "connection_lost" });
});

it("networkFailure ends on causes that go in a circle", () => {
  const error = new Error("round");
  error.cause = error;
  expect(networkFailure(error).phase).toBe("after");
});

it("networkFailure recognises what this runtime throws when nobody listens", async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  const error = await fetch(`http://127.0.0.1:${port}/`).catch((thrown: unknown) => thrown);
  expect(networkFailure(error)).toEqual({ phase: "before", reason: "connection_failed" });
});
