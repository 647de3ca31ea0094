import { expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, strangers } from "../support/leads.ts";

const { sql } = await useDatabase();

test.each([
  ["state_is_known", "state = 'lost'"],
  ["lane_is_known", "lane = 'slow'"],
  ["priority_has_one_digit", "priority = 10"],
  ["priority_has_one_digit", "priority = -1"],
  ["leased_has_token_and_time", "state = 'leased'"],
  ["leased_has_token_and_time", "lease_token = gen_random_uuid(), leased_at = now()"],
  ["leased_has_token_and_time", "state = 'leased', lease_token = gen_random_uuid()"],
  ["uncertain_names_its_step", "state = 'uncertain', sent_at = now()"],
  ["uncertain_names_its_step", "state = 'uncertain', step = 'create_deal'"],
  ["delivered_has_its_time", "state = 'delivered'"],
  ["delivered_has_its_time", "delivered_at = now()"],
  ["head_is_unfinished", "state = 'cancelled', is_fresh = false, is_head = true"],
  ["fresh_is_not_placed", "person_id = 1"],
  ["fresh_is_not_placed", "is_head = true"],
  ["attempt_count_is_not_negative", "attempt_count = -1"],
  ["warnings_are_a_list", "warnings = '{}'"],
])("no message can be against %s: %s", async (fact, change) => {
  const [id] = await insertLeads(sql, strangers(1));
  const error = await errorOf(sql.unsafe(`update amocrm.outbox set ${change} where subject_id = '${id}'`));
  expect(error).toMatchObject({ code: "23514", constraint_name: "message_is_sound" });
  const [fault] = await sql.unsafe(`select amocrm.message_fault(
      changed.state, changed.lane, changed.priority, changed.is_fresh, changed.is_head, changed.person_id, changed.lease_token, changed.leased_at,
      changed.step, changed.sent_at, changed.delivered_at, changed.attempt_count, changed.warnings) as fault
    from amocrm.outbox cross join lateral jsonb_populate_record(outbox, (
      select to_jsonb(named) from (select ${change.replaceAll(/(\w+) = ([^,]+(?:\(\))?)/g, "$2 as $1")}) as named)) as changed
    where outbox.subject_id = '${id}'`);
  expect(fault).toEqual({ fault: fact });
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
