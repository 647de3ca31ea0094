import { spawn } from "node:child_process";
import net from "node:net";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DENO_FLAGS, denoEnvironment, hostedDeno, localDeno } from "#dev/check/deno.ts";

const ROOT = path.join(import.meta.dirname, "../../..");
/** Reads that are answered, lost, cut and not answered; then one create over a connection that a read has warmed up; the server reads it and hangs up. */
const SCRIPT = `
import { outsideFetch } from "./supabase/functions/_shared/platform/outside-fetch.ts";
import { createHttpTransport } from "./supabase/functions/_shared/amocrm/api/http-transport.ts";
const sleep = (ms, signal) => new Promise((done) => { const timer = setTimeout(done, ms); signal?.addEventListener("abort", () => { clearTimeout(timer); done(); }); });
const transport = createHttpTransport({
  baseUrl: Deno.args[0], fetch: outsideFetch, slots: { take: async () => ({ granted: true, waitedMs: 0 }) },
  tokens: { accessToken: async () => ({ ok: true, token: "t" }) }, clock: { nowMs: () => Date.now(), sleep },
});
const request = { methodClass: "read", query: [], body: null, requestIds: [], itemCount: 1, timeoutMs: 5000, purpose: "p" };
const warm = await transport.send({ ...request, method: "GET", path: "/api/v4/account" });
console.log("warm", warm.kind, warm.httpStatus, warm.body);
const none = await transport.send({ ...request, method: "GET", path: "/api/v4/none" });
console.log("none", none.kind, none.httpStatus, none.body === "");
for (const path of ["/api/v4/lost", "/api/v4/cut", "/api/v4/silent"]) {
  const read = await transport.send({ ...request, timeoutMs: 500, method: "GET", path });
  console.log(path, read.kind, read.reason ?? read.bodyFault);
}
const outcome = await transport.send({ ...request, method: "POST", methodClass: "create", path: "/api/v4/leads", body: [{ name: "x" }] });
console.log(outcome.kind);
`;

let server: net.Server;
let postCount = 0;
let postHead = "";
let gets: string[] = [];
beforeAll(async () => {
  server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      const text = data.toString();
      const target = /^GET (\S+)/.exec(text)?.[1] ?? null;
      if (target !== null) gets.push(target);
      if (target === "/api/v4/lost") socket.resetAndDestroy();
      if (target === "/api/v4/cut")
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{", () => socket.resetAndDestroy());
      if (target === "/api/v4/none") socket.write("HTTP/1.1 204 No Content\r\n\r\n");
      if (target === "/api/v4/account")
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}");
      if (text.startsWith("POST")) {
        postCount += 1;
        postHead = text;
      }
      if (text.includes('"name"')) socket.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => server.close());

test.each([
  ["the local Deno", () => localDeno()],
  ["the hosted level", () => hostedDeno()],
])("reads and a create whose connection is lost leave %s once, not twice", async (name, binary) => {
  const deno = binary();
  if (deno === null) throw new Error(`${name} is not installed: run npm ci on Linux x64`);
  postCount = 0;
  gets = [];
  const { port } = server.address() as net.AddressInfo;
  const child = spawn(
    deno,
    ["run", ...DENO_FLAGS, "--allow-net=127.0.0.1", "-", `http://127.0.0.1:${port}`],
    {
      cwd: ROOT,
      env: denoEnvironment("no-silent-repeat"),
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  let output = "";
  child.stdout.on("data", (data) => {
    output += data;
  });
  child.stderr.on("data", (data) => {
    output += data;
  });
  child.stdin.end(SCRIPT);
  await new Promise((resolve) => child.once("close", resolve));
  expect(output).toContain("warm answered 200 {}");
  expect(output).toContain("none answered 204 true");
  expect(output).toMatch(/lost failed connection_lost/);
  expect(output).toMatch(/cut (failed|answered) connection_lost/);
  expect(output).toMatch(/silent failed timeout/);
  expect(gets).toEqual(["account", "none", "lost", "cut", "silent"].map((name) => `/api/v4/${name}`));
  expect(output).toMatch(/^failed$/m);
  expect(postCount).toBe(1);
  // Not every server takes a body of unknown length.
  expect(postHead).toMatch(/^content-length: \d+$/im);
  expect(postHead).not.toMatch(/^transfer-encoding:/im);
});
