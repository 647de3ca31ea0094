import postgres from "postgres";
import { afterAll, expect, it } from "vitest";
import { startPostgres } from "#dev/stack/postgres.ts";
import { openDatabase } from "../support/database.ts";
import { MIGRATED_TEMPLATE } from "../support/server.ts";
import { findUnknown, type Names, newNames } from "./support/names.ts";

/**
 * Postgres checks a function's syntax when it is made, and looks up what it names only when it runs. So the migrations on 15
 * prove the syntax, the tests on 15 whatever behaves otherwise there, and this proves the names, of every function at once.
 */
const database = await openDatabase(MIGRATED_TEMPLATE);
const fifteen = await startPostgres({ major: 15 });
const old = postgres(fifteen.url(), { max: 1, onnotice: () => {} });
afterAll(async () => {
  await old.end();
  await fifteen.stop();
  await database.drop();
});

async function readNames(sql: postgres.Sql): Promise<Names> {
  const [row] = await sql<Names[]>`
    with relation as (
      select oid, relname from pg_class
      where relkind in ('r', 'v') and relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    )
    select
      (select array_agg(distinct format('%s/%s', proname, pronargs)) from pg_proc where pronamespace = 'pg_catalog'::regnamespace)
        as functions,
      (select array_agg(relname::text) from relation) as relations,
      (select array_agg(format('%s.%s', relname, attname)) from relation join pg_attribute on attrelid = oid) as columns,
      (select array_agg(name) from pg_settings) as settings`;
  if (row === undefined) throw new Error("A select of arrays answers one row");
  return row;
}

const known = await readNames(old);
const added = newNames(await readNames(database.sql as unknown as postgres.Sql), known);

it("no function of ours names what Postgres 15 does not know", async () => {
  const ours = await database.sql<{ name: string; body: string }[]>`
    select oid::regprocedure::text as name, prosrc as body from pg_proc
    where pronamespace in ('amocrm'::regnamespace, 'public'::regnamespace) and prosrc <> ''
      and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')`;
  expect(ours.length).toBeGreaterThan(500);
  expect(
    ours.flatMap(({ name, body }) => findUnknown(body, added).map((word) => `${name}: ${word}`)),
  ).toEqual([]);
});

it.each([
  ["a new function", "select any_value(email) from mails", "any_value"],
  ["a function with more arguments than it took", "v_wait := random(1, 5);", "random/2"],
  ["a new view", "select sum(reads) from pg_stat_io", "pg_stat_io"],
  ["a new column", "select last_seq_scan from pg_stat_user_tables where relname = 'a'", "last_seq_scan"],
  ["a new setting", "perform set_config('transaction_timeout', '5s', true);", "transaction_timeout"],
])("it would find %s", (_, body, word) => {
  expect(findUnknown(body, added).join()).toContain(word);
});

it("takes neither a comment nor an argument's brackets for one", () => {
  expect(findUnknown("-- any_value( is new\nselect random(), coalesce(a, (b, c)), 'reads'", added)).toEqual(
    [],
  );
});
