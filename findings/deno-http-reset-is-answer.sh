#!/usr/bin/env bash
# Deno 2.1.4: node:http tells of a connection that was reset before any answer as an answer with status 0.
#
# Expected by: Node's documentation of http.request, by which a connection that ends before the answer is the event
# "error" with the code ECONNRESET and then "close", and "response" is only told for an answer that came.
# Seen: a server on loopback reads the request and resets. Deno 2.1.4 tells "response" with status 0 and no headers,
# then "end"; where the server closes instead of resetting, it tells no event at all. Deno 2.9.5 and Node tell
# ECONNRESET in both cases.
# Needs linux x64 (glibc). Everything stays on loopback.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix . \
  deno-2.9.5@npm:@deno/linux-x64-glibc@2.9.5 deno-2.1.4@npm:@deno/linux-x64-glibc@2.1.4

cat > client.mjs <<'JS'
import http from "node:http";

const [url] = globalThis.Deno ? Deno.args : process.argv.slice(2);
http.get(url, (response) => {
  console.log(`response ${response.statusCode}`);
  response.on("end", () => console.log("end")).resume();
}).on("error", (error) => console.log(`error ${error.code}`)).on("close", () => console.log("close"));
JS

cat > try.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";

const deno = (version) => [`node_modules/deno-${version}/deno`, "run", "--no-config", "--no-prompt", "--allow-net", "--allow-env"];
const CLIENTS = { "Deno 2.1.4": deno("2.1.4"), "Deno 2.9.5": deno("2.9.5"), [`Node ${process.version}`]: ["node"] };

async function run([program, ...rest], isReset) {
  const server = net.createServer((connection) => {
    connection.on("error", () => {});
    connection.once("data", () => (isReset ? connection.resetAndDestroy() : connection.end()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const child = spawn(program, [...rest, "client.mjs", `http://127.0.0.1:${server.address().port}/`], {
    env: { ...process.env, NO_COLOR: "1", DENO_DIR: "cache" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (data) => { text += data; });
  await once(child, "close");
  server.close();
  return text.trim().split("\n").join(", ");
}

console.log("expected: error ECONNRESET, close");
let isAsFound = true;
for (const [name, command] of Object.entries(CLIENTS)) {
  for (const isReset of [true, false]) {
    const seen = await run(command, isReset);
    console.log(`${name}, ${isReset ? "reset" : "closed"}: ${seen || "no event"}`);
    const found = isReset ? "response 0, end" : "";
    isAsFound &&= seen === (name === "Deno 2.1.4" ? found : "error ECONNRESET, close");
  }
}
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
