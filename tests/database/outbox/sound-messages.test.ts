import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, strangers } from "../support/leads.ts";

const { sql } = await useDatabase();

const ID = "00000000-0000-4000-8000-000000000001";

describe.each([
  ["state_is_known", "state = 'lost'"],
  ["lane_is_known", "lane = 'slow'"],
  ["priority_has_one_digit", "priority = 10"],
  ["priority_has_one_digit", "priority = -1"],
  ["leased_has_token_and_time", "state = 'leased'"],
  ["leased_has_token_and_time", "lease_token = gen_random_uuid(), leased_at = now()"],
  ["leased_has_token_and_time", "state = 'leased', lease_token = gen_random_uuid()"],
  ["leased_is_head", "state = 'leased', lease_token = gen_random_uuid(), leased_at = now()"],
  ["uncertain_names_its_step", "state = 'uncertain', sent_at = now()"],
  ["uncertain_names_its_step", "state = 'uncertain', step = 'create_deal'"],
  ["delivered_has_its_time", "state = 'delivered'"],
  ["delivered_has_its_time", "delivered_at = now()"],
  ["head_is_unfinished", "state = 'cancelled', is_fresh = false, is_head = true"],
  ["fresh_is_not_placed", "person_id = 1"],
  ["fresh_is_not_placed", "is_head = true"],
  ["attempt_count_is_not_negative", "attempt_count = -1"],
  ["warnings_are_a_list", "warnings = '{}'"],
])("no message can be against %s: %s", (fact, change) => {
  test.each(["amocrm.outbox", "public.amocrm_outbox"])("by an update of %s", async (table) => {
    const [id, other] = await insertLeads(sql, strangers(2));
    const error = await errorOf(
      sql.unsafe(`update ${table} set ${change} where subject_id in ('${id}', '${other}')`),
    );
    expect(error).toMatchObject({ code: "23514", constraint_name: fact, table_name: table.split(".")[1] });
    expect(error?.message).toContain(fact.replaceAll("_", " "));
    expect(
      await sql`select from amocrm.outbox where state = 'pending' and is_fresh and attempt_count = 0`,
    ).toHaveLength(2);
  });

  test.each([
    ["public.amocrm_outbox", "amocrm"],
    ["public.message_outbox", "message"],
    ["public.unisender_outbox", "unisender"],
  ])("by an insert into %s", async (table, queue) => {
    const names = change.replaceAll(/(\w+) = [^,]+?(?:\(\))?(?=, |$)/g, "$1");
    const values = change.replaceAll(/\w+ = ([^,]+?(?:\(\))?)(?=, |$)/g, "$1");
    const error = await errorOf(
      sql.unsafe(`insert into ${table} (queue, kind, subject_table, subject_id, ${names})
        values ('${queue}', 'lead.created', 'unified_lead_tracking', gen_random_uuid(), ${values})`),
    );
    expect(error).toMatchObject({ code: "23514", constraint_name: fact, table_name: table.split(".")[1] });
  });
});

test.each([
  ["lane_is_known", { lane: "slow" }],
  ["lane_is_known", { lane: "" }],
  ["lane_is_known", { lane: 7 }],
])("the engine appends nothing against %s: %o", async (fact, member) => {
  const rows = JSON.stringify([{ id: ID }, { id: ID, ...member }]);
  const error = await errorOf(
    sql`select amocrm.append('lead.created', 'unified_lead_tracking', ${rows}::text::jsonb)`,
  );
  expect(error).toMatchObject({ code: "23514", constraint_name: fact });
  expect(await sql`select from amocrm.outbox where subject_id = ${ID}`).toHaveLength(0);
});

test("without a lane, or with none said, the engine appends to the live one", async () => {
  const rows = JSON.stringify([{ id: ID }, { id: ID, lane: null }, { id: ID, lane: "backfill" }]);
  await sql`select amocrm.append('lead.created', 'unified_lead_tracking', ${rows}::text::jsonb)`;
  const lanes = await sql`select lane from amocrm.outbox where subject_id = ${ID} order by id`;
  expect(lanes.map(({ lane }) => lane)).toEqual(["live", "live", "backfill"]);
});

test.each([-1, 10])("no kind has the priority %i", async (priority) => {
  const error = await errorOf(
    sql`update amocrm.kinds set priority = ${priority} where kind = 'lead.created'`,
  );
  expect(error).toMatchObject({ code: "23514" });
});

test("a message that is placed, leased, uncertain, delivered or dead is sound", async () => {
  const [id] = await insertLeads(sql, strangers(1));
  for (const change of [
    "is_fresh = false, person_id = 1, is_head = true",
    "state = 'leased', lease_token = gen_random_uuid(), leased_at = now(), attempt_count = 1",
    "state = 'uncertain', lease_token = null, leased_at = null, step = 'create_deal', sent_at = now()",
    "state = 'dead'",
    "state = 'delivered', is_head = false, delivered_at = now(), warnings = '[{}]'",
  ]) {
    await sql.unsafe(`update amocrm.outbox set ${change} where subject_id = '${id}'`);
  }
});

test("the tables of all queues have the same guards, key and proof of one head", async () => {
  await sql`insert into amocrm.queues (queue, drain) values ('third', 'third-drain')`;
  const tables = await sql`select pg_class.relname as name,
      array(select tgname::text from pg_trigger where tgrelid = pg_class.oid and not tgisinternal order by 1) as triggers,
      exists (select from pg_index where indrelid = pg_class.oid and indisprimary) as "hasKey",
      exists (select from pg_index where indrelid = pg_class.oid and indisunique and pg_get_expr(indpred, indrelid) = 'is_head') as "provesHead"
    from pg_inherits join pg_class on pg_class.oid = inhrelid where inhparent = 'amocrm.outbox'::regclass order by 1`;
  expect(tables.map(({ name }) => name)).toEqual([
    "amocrm_outbox",
    "message_outbox",
    "third_outbox",
    "unisender_outbox",
  ]);
  for (const { name: _, ...rest } of tables) {
    expect(rest).toEqual({
      triggers: ["amocrm_900_is_sound", "amocrm_900_is_sound_update"],
      hasKey: true,
      provesHead: true,
    });
  }
});
