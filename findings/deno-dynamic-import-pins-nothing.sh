#!/usr/bin/env bash
# Deno 2.1.4: an npm package that is pinned by a dynamic import does not hold a range that another package asks for.
#
# Expected by: Deno's documentation, by which npm: specifiers are resolved over the whole graph of modules as npm does,
# and import("npm:…") with a text as its argument is part of that graph.
# Seen: a program imports `invented-whole`, which asks for `invented-part` ^1.0.0, and pins `invented-part` to 1.0.0.
# Pinned by a static import, one version is loaded. Pinned by import(), 2.1.4 has two: 1.0.0 for the program, the
# newest, 1.1.0, for `invented-whole`. 2.9.5 has one in both cases.
# Needs linux x64 (glibc). The registry that is asked is this script's own, on loopback, with two invented packages.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix . \
  deno-2.9.5@npm:@deno/linux-x64-glibc@2.9.5 deno-2.1.4@npm:@deno/linux-x64-glibc@2.1.4

mkdir packages
cat > static.mjs <<'JS'
import whole from "npm:invented-whole@1.0.0";
import part from "npm:invented-part@1.0.0";
console.log(`${part} for the program, ${whole} for invented-whole`);
JS
cat > dynamic.mjs <<'JS'
import whole from "npm:invented-whole@1.0.0";
const { default: part } = await import("npm:invented-part@1.0.0");
console.log(`${part} for the program, ${whole} for invented-whole`);
JS

cat > try.mjs <<'JS'
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";

const PACKAGES = {
  "invented-part": { "1.0.0": {}, "1.1.0": {} },
  "invented-whole": { "1.0.0": { "invented-part": "^1.0.0" } },
};
const archives = {};
for (const [name, versions] of Object.entries(PACKAGES)) {
  for (const [version, dependencies] of Object.entries(versions)) {
    const folder = `packages/${name}-${version}`;
    mkdirSync(folder);
    const manifest = { name, version, type: "module", exports: "./index.js", dependencies };
    writeFileSync(`${folder}/package.json`, JSON.stringify(manifest));
    const isPart = name === "invented-part";
    writeFileSync(`${folder}/index.js`, isPart ? `export default "${version}";` : 'export { default } from "invented-part";');
    execFileSync("npm", ["pack", "--silent", `./${folder}`], { stdio: ["ignore", "ignore", "inherit"] });
    archives[`${name}-${version}.tgz`] = readFileSync(`${name}-${version}.tgz`);
  }
}

const registry = http.createServer((request, response) => {
  const asked = decodeURIComponent(new URL(request.url, "http://registry").pathname.slice(1));
  if (asked in archives) return response.end(archives[asked]);
  const versions = Object.entries(PACKAGES[asked] ?? {}).map(([version, dependencies]) => {
    const archive = archives[`${asked}-${version}.tgz`];
    const shasum = createHash("sha1").update(archive).digest("hex");
    const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
    const tarball = `http://${request.headers.host}/${asked}-${version}.tgz`;
    return [version, { name: asked, version, dependencies, dist: { tarball, shasum, integrity } }];
  });
  if (versions.length === 0) return response.writeHead(404).end("{}");
  const latest = versions.at(-1)[0];
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ name: asked, "dist-tags": { latest }, versions: Object.fromEntries(versions) }));
});
registry.listen(0, "127.0.0.1");
await once(registry, "listening");

async function run(version, program) {
  const child = spawn(`node_modules/deno-${version}/deno`, ["run", "--quiet", "--no-config", "--no-lock", "--no-prompt", program], {
    env: {
      PATH: process.env.PATH, HOME: process.cwd(), NO_COLOR: "1", DENO_DIR: `cache-${version}-${program}`,
      NPM_CONFIG_REGISTRY: `http://127.0.0.1:${registry.address().port}`,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (data) => { text += data; });
  await once(child, "close");
  return text.trim();
}

console.log("expected: 1.0.0 for both, four times");
let isAsFound = true;
for (const version of ["2.1.4", "2.9.5"]) {
  for (const program of ["static.mjs", "dynamic.mjs"]) {
    const seen = await run(version, program);
    console.log(`Deno ${version}, ${program}: ${seen}`);
    const whole = version === "2.1.4" && program === "dynamic.mjs" ? "1.1.0" : "1.0.0";
    isAsFound &&= seen === `1.0.0 for the program, ${whole} for invented-whole`;
  }
}
registry.close();
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
