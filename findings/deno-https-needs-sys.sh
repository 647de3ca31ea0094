#!/usr/bin/env bash
# Deno 2.9.5: https.request of node:https needs another permission than fetch, and throws at once without it.
#
# Expected by: Deno's reference of permissions, by which an outgoing connection needs network access to its host;
# and Node's documentation of https.request, by which what goes wrong with a request comes as the event "error".
# Seen: with the same permissions fetch gets its 200 over TLS, and https.request() throws NotCapable (sys "ca"),
# synchronously, unless it is given the option `ca` or Deno the option --allow-sys=ca.
# In 2.1.4 https.request() returns, and --allow-sys=ca is refused as unknown: no command line with it serves both.
# Needs linux x64 (glibc) and openssl. Everything stays on loopback.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix . \
  deno-2.9.5@npm:@deno/linux-x64-glibc@2.9.5 deno-2.1.4@npm:@deno/linux-x64-glibc@2.1.4

openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj "/CN=Invented authority" 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost 2>/dev/null
printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' > server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext \
  -out server.pem 2>/dev/null

cat > client.mjs <<'JS'
import https from "node:https";

const [port, ca] = Deno.args;
const url = `https://localhost:${port}/`;
const byFetch = await fetch(url).then((answer) => `answer ${answer.status}`, (error) => error.name);
console.log(`fetch: ${byFetch}`);
try {
  https.request(url, ca ? { ca } : {}).on("error", () => {});
  console.log("https.request: returned");
} catch (error) {
  console.log(`https.request: threw ${error.name}: ${error.message}`);
}
Deno.exit(0);
JS

cat > try.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import https from "node:https";

const authority = readFileSync("ca.pem", "utf8");
const server = https.createServer(
  { key: readFileSync("server.key"), cert: readFileSync("server.pem") },
  (_request, response) => response.end("here"),
);
server.on("tlsClientError", () => {});
server.listen(0, "localhost");
await once(server, "listening");

/** What Deno of a version prints, given further options and, for https.request, the authority. */
async function run(version, options, ca = []) {
  const fixed = ["run", "--no-config", "--no-prompt", "--cert=ca.pem", "--allow-net=localhost", "--allow-env"];
  const child = spawn(
    `node_modules/deno-${version}/deno`,
    [...fixed, ...options, "client.mjs", String(server.address().port), ...ca],
    { env: { ...process.env, NO_COLOR: "1", DENO_DIR: "cache" } },
  );
  let text = "";
  child.stdout.on("data", (data) => { text += data; });
  child.stderr.on("data", (data) => { text += data; });
  await once(child, "close");
  const first = text.trim().split("\n").slice(0, 2).join("; ");
  console.log(`Deno ${version} ${options.join(" ")}${ca.length > 0 ? "(option ca)" : ""}: ${first}`);
  return text;
}

console.log("expected: https.request returns wherever fetch gets its answer");
const plain = await run("2.9.5", []);
const allowed = await run("2.9.5", ["--allow-sys=ca"]);
const withAuthority = await run("2.9.5", [], [authority]);
const older = await run("2.1.4", []);
const olderAllowed = await run("2.1.4", ["--allow-sys=ca"]);
const isAsFound =
  plain.includes("fetch: answer 200") && /threw NotCapable: .*"ca"/.test(plain) &&
  allowed.includes("https.request: returned") && withAuthority.includes("https.request: returned") &&
  older.includes("fetch: answer 200") && older.includes("https.request: returned") &&
  olderAllowed.includes('unknown system info kind "ca"');
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
