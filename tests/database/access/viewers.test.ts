import { expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { outcomeOf } from "../support/errors.ts";
import { openDataApi, VIEWER } from "../support/roles.ts";
import { FUNCTIONS, RELATIONS } from "./expectations.ts";

const database = await useDatabase();
const attempt = openDataApi(database, { rollsBack: true });

/** Functions that only read; every other one of an admin is refused to a viewer. */
const READING = [
  "amocrm_dashboard",
  "amocrm_in_russian",
  "amocrm_message",
  "amocrm_message_count",
  "amocrm_messages",
  "amocrm_pace",
  "amocrm_person",
  "amocrm_settings_now",
  "amocrm_timeline_of",
  "form_source_list",
  "landing_funnel_sums",
  "loyalty_campaign_list",
  "loyalty_campaign_preview",
  "loyalty_is_in_use",
  "loyalty_member",
  "loyalty_member_list",
  "loyalty_overview",
];

const calls = await database.sql<{ name: string; call: string }[]>`
  select proname as name, format('public.%I(%s)', proname,
    (select string_agg(format('null::%s', format_type(type, null)), ', ' order by place)
     from unnest(proargtypes) with ordinality as arguments (type, place))) as call
  from pg_proc where pronamespace = 'public'::regnamespace order by proname`;

test("a viewer calls what only reads, and is refused whatever changes something", async () => {
  const may: string[] = [];
  for (const { name, call } of calls.filter(({ name }) => FUNCTIONS[name]?.includes("admin"))) {
    const outcome = await outcomeOf(attempt(VIEWER, (sql) => sql.unsafe(`select ${call}`)));
    if (outcome !== "42501") may.push(name);
  }
  // Not an admin's: open to every signed-in person or visitor.
  const open = Object.keys(FUNCTIONS).filter((name) => FUNCTIONS[name]?.includes("student"));
  expect(may.filter((name) => !open.includes(name))).toEqual(READING);
});

test("a viewer reads every view that an admin reads", async () => {
  const views = Object.keys(RELATIONS).filter(
    (name) => RELATIONS[name]?.admin.select && !RELATIONS[name]?.student.select,
  );
  expect(views.length).toBeGreaterThan(15);
  const refused: string[] = [];
  for (const name of views) {
    const outcome = await outcomeOf(attempt(VIEWER, (sql) => sql.unsafe(`select * from public.${name}`)));
    if (outcome !== "ok") refused.push(name);
  }
  expect(refused).toEqual(["tripwire_students_overview"]);
});
