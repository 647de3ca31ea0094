#!/usr/bin/env bash
# Deno 2.9.5: fetch sends a request a second time, by itself, when the first connection was closed unanswered.
#
# Expected by: RFC 9110 (9.2.2), by which a client does not repeat by itself a request whose method is not idempotent,
# unless it knows that the first one was not acted on. It may repeat a GET; Node and Deno 2.1.4 do not, and Deno's
# documentation of fetch speaks of no repeat and of no way to switch it off.
# Seen: the receiver reads the whole request on a fresh connection and resets it. Deno 2.9.5 sends it again on a second
# fresh connection and gives the second answer, for GET and for POST with a text as its body. Neither the header
# `connection: close` nor a client that keeps no idle connection changes that; a Blob as the body does.
# Deno 2.1.4 and Node send it once and throw a TypeError.
# Needs linux x64 (glibc). Everything stays on loopback.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix . \
  deno-2.9.5@npm:@deno/linux-x64-glibc@2.9.5 deno-2.1.4@npm:@deno/linux-x64-glibc@2.1.4

cat > client.mjs <<'JS'
const [url, way] = globalThis.Deno ? Deno.args : process.argv.slice(2);
const options = {
  get: () => ({}),
  close: () => ({ headers: { connection: "close" } }),
  pool: () => ({ client: Deno.createHttpClient({ poolMaxIdlePerHost: 0, http2: false }) }),
  post: () => ({ method: "POST", body: "one" }),
  blob: () => ({ method: "POST", body: new Blob(["one"]) }),
};
console.log(await fetch(url, options[way]()).then((answer) => `answer ${answer.status}`, (error) => error.name));
JS

cat > try.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";

const deno = (version) => [`node_modules/deno-${version}/deno`, "run", "--no-config", "--no-prompt", "--allow-net"];
const CLIENTS = { "Deno 2.9.5": deno("2.9.5"), "Deno 2.1.4": deno("2.1.4"), [`Node ${process.version}`]: ["node"] };

/** What the client was told and how many requests the receiver read; the first is reset, the second answered. */
async function run(command, way) {
  let requests = 0;
  const server = net.createServer((connection) => {
    let text = "";
    connection.on("error", () => {});
    connection.on("data", (data) => {
      text += data;
      if (!text.includes("\r\n\r\n") || (text.startsWith("POST") && !/\r\n\r\n[^]*one/.test(text))) return;
      requests += 1;
      if (requests === 1) connection.resetAndDestroy();
      else connection.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const [program, ...rest] = command;
  const child = spawn(program, [...rest, "client.mjs", `http://127.0.0.1:${server.address().port}/`, way], {
    env: { ...process.env, NO_COLOR: "1", DENO_DIR: "cache" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  child.stdout.on("data", (data) => { told += data; });
  await once(child, "close");
  server.close();
  return `${requests} request(s), ${told.trim()}`;
}

console.log("expected: 1 request(s), TypeError everywhere");
const WAYS = { get: "GET", close: "GET, connection: close", pool: "GET, no idle pool", post: "POST, text", blob: "POST, Blob" };
let isAsFound = true;
for (const [name, command] of Object.entries(CLIENTS)) {
  for (const [way, words] of Object.entries(WAYS)) {
    if (way === "pool" && name.startsWith("Node")) continue;
    const seen = await run(command, way);
    console.log(`${name}, ${words}: ${seen}`);
    const repeats = name === "Deno 2.9.5" && way !== "blob";
    isAsFound &&= seen === (repeats ? "2 request(s), answer 200" : "1 request(s), TypeError");
  }
}
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
