import { afterEach, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";

const database = await useDatabase();
const { sql } = database;

/** What another area would add: a function and a row; the files of the watch and of the upkeep stay as they are. */
const CONDITION = `
  create function amocrm.bakery_conditions() returns setof amocrm.alert_condition language sql stable set search_path = ''
    as $$ select 'oven_cold', 'warning', 'The oven is cold', 'Light it', false $$;
  insert into amocrm.conditions (name, rank, function) values ('bakery', 5, 'amocrm.bakery_conditions');`;
const FAILING_STEP = `
  create function amocrm.prune_crumbs(p_limit int) returns int language plpgsql set search_path = ''
    as $$ begin raise exception 'no broom'; end $$;
  insert into amocrm.upkeep (step, rank, function) values ('crumbs', 1, 'amocrm.prune_crumbs');`;

afterEach(async () => {
  await sql.unsafe(`delete from amocrm.conditions where name = 'bakery'; delete from amocrm.upkeep where step = 'crumbs';
    drop function if exists amocrm.bakery_conditions(); drop function if exists amocrm.prune_crumbs(int);`);
});

const codes = async () => (await sql`select code, detail from amocrm.alert_conditions()`).map((row) => row);
const notice = async () => (await sql`select notice from amocrm_health`)[0]?.["notice"];

test("a condition that is a row is asked like our own, in its rank", async () => {
  await sql.unsafe(CONDITION);
  expect((await codes())[0]).toEqual({ code: "oven_cold", detail: "The oven is cold" });
});

test("a condition that fails hides no other, and is named", async () => {
  await sql.unsafe(CONDITION);
  await sql`update amocrm.conditions set function = 'amocrm.no_such_conditions' where name = 'cron'`;
  const found = await codes();
  await sql`update amocrm.conditions set function = 'amocrm.cron_conditions' where name = 'cron'`;
  expect(found.map(({ code }) => code)).toEqual(expect.arrayContaining(["oven_cold", "watch_broken"]));
  expect(found.find(({ code }) => code === "watch_broken")?.["detail"]).toContain(
    "cron: function amocrm.no_such_conditions() does not exist",
  );
});

test("a step of the upkeep that fails stops no other, is named by health, and no longer once it works", async () => {
  await sql.unsafe(FAILING_STEP);
  await sql`insert into amocrm.actions (at, actor, action) values (amocrm.clock() - interval '2 years', 'service_role', 'pause')`;
  expect(await sql`select amocrm.prune(100) as count`).toEqual([{ count: 1 }]);
  expect(await notice()).toContain("a step of the upkeep fails: crumbs (no broom).");

  await sql.unsafe(`create or replace function amocrm.prune_crumbs(p_limit int) returns int language sql set search_path = ''
    as $$ select p_limit $$`);
  expect(await sql`select amocrm.prune(100) as count`).toEqual([{ count: 100 }]);
  expect((await notice()) ?? "").not.toContain("upkeep");
});

test("each function that these registries name is there", async () => {
  const named = await sql`
    select function || '()' as name from amocrm.conditions union all select function || '(integer)' from amocrm.upkeep`;
  expect(named.length).toBeGreaterThan(12);
  for (const { name } of named) {
    expect(await sql`select to_regprocedure(${name}) is not null as is_there`, name).toEqual([
      { is_there: true },
    ]);
  }
});
