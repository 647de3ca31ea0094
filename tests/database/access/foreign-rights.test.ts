import { afterAll, expect, test } from "vitest";
import { readOurs } from "#cli/uninstall/ours.ts";
import { uninstallSql } from "#cli/uninstall/removal-sql.ts";
import { migrate } from "#dev/stack/migrate.ts";
import { openUnmigratedDatabase, type Session } from "../support/database.ts";
import { MIGRATIONS_DIR } from "../support/server.ts";

/** A project that has things of its own, made by the role that migrates ours. */
const OWN_THINGS = `
  create schema shop;
  grant usage on schema shop to anon;
  create table shop.goods (id int generated always as identity primary key, name text);
  grant select on shop.goods to anon;
  create table public.pages (id serial primary key, title text);
  create view public.titles as select title from public.pages;
  create type shop.size as enum ('s', 'm');
  create function public.page_count() returns bigint language sql as 'select count(*) from public.pages';
  create function shop.price() returns int language sql as 'select 1';
  alter default privileges in schema shop grant select on tables to authenticated;`;

/** Who may what on which object, whoever made it, and whatever else a migration could change for all of them. */
async function rights(sql: Session): Promise<Map<string, string>> {
  const rows = await sql<{ object: string; holds: string | null }[]>`
    select 'relation ' || oid::regclass as object, relacl::text as holds from pg_class
      where relkind in ('r', 'v', 'm', 'p', 'S', 'f') and relnamespace::regnamespace::text not like 'pg_%'
    union all select 'column ' || attrelid::regclass || '.' || attname, attacl::text from pg_attribute where attacl is not null
    union all select 'function ' || oid::regprocedure, proacl::text from pg_proc
    union all select 'type ' || oid::regtype, typacl::text from pg_type where typtype in ('d', 'e')
    union all select 'schema ' || nspname, nspacl::text from pg_namespace where nspname not like 'pg_t%'
    union all select 'language ' || lanname, lanacl::text from pg_language
    union all select 'database', datacl::text from pg_database where datname = current_database()
    union all select 'policy ' || polrelid::regclass || ' ' || polname, pg_get_expr(polqual, polrelid) from pg_policy
    union all select 'row security ' || oid::regclass, relrowsecurity::text || relforcerowsecurity from pg_class where relkind = 'r'
    union all select 'defaults of ' || defaclrole::regrole || ' in ' || defaclnamespace::regnamespace || ' for ' || defaclobjtype::text,
      defaclacl::text from pg_default_acl
    -- Roles belong to the whole server, where other test files make theirs at the same time.
    union all select 'member ' || member::regrole || ' of ' || roleid::regrole, admin_option::text from pg_auth_members
      where member::regrole::text not like 'test%' and roleid::regrole::text not like 'test%'
    union all select 'settings of ' || setrole || ' in ' || setdatabase, setconfig::text from pg_db_role_setting
      where setdatabase in (0, (select oid from pg_database where datname = current_database()))
    union all select 'event trigger ' || evtname, evtenabled::text from pg_event_trigger
    union all select 'publication ' || pubname, puballtables::text from pg_publication`;
  return new Map(rows.map(({ object, holds }) => [object, holds ?? "as by default"]));
}

const project = await openUnmigratedDatabase();
const { sql } = project;
afterAll(() => project.drop());

const anonMay = async (name: string): Promise<unknown> =>
  (await sql`select has_function_privilege('anon', ${name}::regprocedure, 'execute') as may`)[0]?.["may"];

test("what is not ours keeps its rights when this is installed, and when it is taken out nothing of ours is left", async () => {
  await sql.unsafe(OWN_THINGS);
  const before = await rights(sql);
  expect(before.get("relation shop.goods")).toContain("anon=r");
  const unchanged = (now: ReadonlyMap<string, string>) =>
    [...before].filter(([object, holds]) => now.get(object) !== holds).map(([object]) => object);

  await migrate(project.url(), MIGRATIONS_DIR);
  const installed = await rights(sql);
  expect(unchanged(installed)).toEqual([]);
  const defaults = (now: ReadonlyMap<string, string>) =>
    [...now].filter(([object]) => /^(defaults|member|settings|event trigger|publication) /.test(object));
  expect(defaults(installed)).toEqual(defaults(before));

  // Also what the project makes from now on is its own affair.
  await sql.unsafe("create function public.later() returns int language sql as 'select 1'");
  await sql.unsafe("create function shop.later() returns int language sql as 'select 1'");
  expect([
    await anonMay("public.page_count()"),
    await anonMay("public.later()"),
    await anonMay("shop.later()"),
  ]).toEqual([true, true, true]);

  await sql.unsafe(uninstallSql(readOurs()));
  const after = await rights(sql);
  expect(unchanged(after)).toEqual([]);
  expect(defaults(after)).toEqual(defaults(before));
  // People's data stays, and the extensions, which the project may use by now.
  const left = [...after.keys()].filter(
    (object) => !before.has(object) && !/ (cron|net|vault|supabase_migrations)\b/.test(object),
  );
  const kept = readOurs().keptTables.join("|");
  expect(left.filter((object) => !new RegExp(`\\b(${kept})\\b`).test(object)).toSorted()).toEqual([
    "function later()",
    "function shop.later()",
  ]);
});
