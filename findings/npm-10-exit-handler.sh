#!/usr/bin/env bash
# npm 10: "Exit handler never called!" in the place of a reason, when many packages cannot be fetched.
#
# Expected by: npm's documentation, by which a request that failed is told with its code (here that the certificate of
# the registry is not trusted), and by npm 10 itself, which tells it so when one package is to be fetched.
# Seen: with forty packages in the lock, npm 10.9.9 ends with "Exit handler never called! This is an error with npm
# itself" and names no reason; folders of packages stay, empty. npm 11.19.1 tells the certificate in both cases.
# The registry that is asked is this script's own, on loopback, with a certificate that nobody has signed. Needs openssl.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix . npm-10@npm:npm@10.9.9 npm-11@npm:npm@11.19.1
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null

cat > try.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";

const registry = https.createServer({ key: readFileSync("key.pem"), cert: readFileSync("cert.pem") }, (_, response) => {
  response.writeHead(404).end();
});
registry.listen(0);
await once(registry, "listening");
const url = `https://localhost:${registry.address().port}/`;

async function install(npm, count) {
  rmSync("project", { recursive: true, force: true });
  mkdirSync("project");
  const names = Array.from({ length: count }, (_, index) => `invented-${index}`);
  const dependencies = Object.fromEntries(names.map((name) => [name, "1.0.0"]));
  const root = { name: "project", version: "1.0.0", dependencies };
  const integrity = `sha512-${"A".repeat(86)}==`;
  const packages = Object.fromEntries(
    names.map((name) => [`node_modules/${name}`, { version: "1.0.0", resolved: `${url}${name}/-/${name}-1.0.0.tgz`, integrity }]),
  );
  const lock = { name: "project", version: "1.0.0", lockfileVersion: 3, requires: true, packages: { "": root, ...packages } };
  writeFileSync("project/package.json", JSON.stringify(root));
  writeFileSync("project/package-lock.json", JSON.stringify(lock));
  const flags = ["ci", "--no-audit", "--no-fund", "--registry", url, "--fetch-retries", "0"];
  // Without the settings of whoever runs this: they may trust what this is about.
  const env = { PATH: process.env.PATH, HOME: mkdtempSync(`${process.cwd()}/home-`) };
  const child = spawn(process.execPath, [`../node_modules/${npm}/bin/npm-cli.js`, ...flags], { cwd: "project", env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  await once(child, "close");
  return output.includes("Exit handler never called") ? "no reason" : /SELF_SIGNED_CERT/.test(output) ? "the certificate" : output;
}

const seen = {};
for (const npm of ["npm-10", "npm-11"]) {
  for (const count of [1, 40]) {
    seen[`${npm}, ${count}`] = await install(npm, count);
    console.log(`${npm}, ${count} to fetch: ${seen[`${npm}, ${count}`]}`);
  }
}
registry.close();
const isAsFound =
  seen["npm-10, 1"] === "the certificate" && seen["npm-10, 40"] === "no reason" &&
  seen["npm-11, 1"] === "the certificate" && seen["npm-11, 40"] === "the certificate";
process.exitCode = isAsFound ? 0 : 1;
JS
node try.mjs
