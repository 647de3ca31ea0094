import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { errorOf, outcomeOf } from "../support/errors.ts";
import { ADMIN, MANAGER, openDataApi, STUDENT, VIEWER } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database);

const CHANGES = [
  "amocrm_set_field('deal', 'utm_source', 501)",
  `amocrm_change_form_limits('{"flood_count": 900, "requires_captcha": true}')`,
  `message_change_settings('{"daily_cap": 2, "quiet_from": "22:00", "mails_per_hour": null}')`,
  `followup_change_step('welcome', 'hello', '{"is_on": false, "delay_minutes": 30}')`,
  "followup_change_text('hello', 'mail', 'ru', 'Привет', 'Добрый день, {name}!')",
];

beforeEach(async () => {
  await sql`insert into amocrm.custom_fields (entity, fields)
    values ('deal', '[{"id": 501, "name": "Источник"}, {"id": 502, "name": "Кампания"}]'), ('contact', '[{"id": 601, "name": "Город"}]')`;
  await sql`insert into followup_templates (code, channel, language, subject, body)
    values ('hello', 'mail', 'ru', 'Здравствуйте', 'Спасибо, {name}'), ('other', 'mail', 'ru', 'Ещё', 'Ещё раз')`;
  await sql`insert into followup_steps (sequence, step, channel, template_code) values ('welcome', 'hello', 'mail', 'hello')`;
  await sql`delete from amocrm.actions`;
});

test("an admin changes fields, limits, mails and sequences; each is written down with what it was", async () => {
  for (const call of CHANGES) await runAs(ADMIN, (session) => session.unsafe(`select ${call}`));
  const [row] = await runAs(VIEWER, (session) => session`select amocrm_settings_now() as answer`);
  expect(row?.["answer"]).toMatchObject({
    fields: [{ entity: "deal", path: "utm_source", field_id: 501 }],
    custom_fields: { deal: [{ id: 501, name: "Источник" }, { id: 502 }], contact: [{ id: 601 }] },
    limits: { flood_count: 900, requires_captcha: true },
    message_settings: { daily_cap: 2, quiet_from: "22:00:00", mails_per_hour: null },
    sequences: [{ sequence: "welcome", is_paused: false, inside_count: 0 }],
    steps: [{ sequence: "welcome", step: "hello", is_on: false, delay_minutes: 30 }],
    texts: [{ code: "hello", subject: "Привет", body: "Добрый день, {name}!" }, { code: "other" }],
  });
  expect(await sql`select action, user_id, result from amocrm_actions order by id`).toMatchObject([
    { action: "set_field", user_id: ADMIN.claims?.sub, result: { was: null } },
    { action: "change_form_limits", result: { was: { flood_count: 500, requires_captcha: false } } },
    {
      action: "change_message_settings",
      result: { was: { daily_cap: 1, quiet_from: "21:00:00", mails_per_hour: 3000 } },
    },
    { action: "followup_change_step", result: { was: { is_on: true, delay_minutes: 0 } } },
    { action: "followup_change_text", result: { was: { subject: "Здравствуйте" } } },
  ]);
  await sql`select amocrm_set_field('deal', 'utm_source', null)`;
  expect(await sql`select from amocrm_fields`).toHaveLength(0);
});

test("with people inside, a changed step makes a new version, and theirs stays as it was", async () => {
  await sql`insert into amocrm.followup_entries (sequence, version, event, lead_id, entered_at) values ('welcome', 1, 'by_hand', gen_random_uuid(), now())`;
  await sql`select followup_change_step('welcome', 'hello', '{"delay_minutes": 99}')`;
  expect(await sql`select version, delay_minutes from followup_steps order by version`).toMatchObject([
    { version: 2, delay_minutes: 99 },
  ]);
  const [row] = await sql`select amocrm_settings_now() as answer`;
  expect(row?.["answer"]).toMatchObject({
    sequences: [{ inside_count: 1 }],
    steps: [{ version: 2, delay_minutes: 99 }],
  });
});

describe("is refused, and nothing is written down:", () => {
  test.each([
    ["amocrm_set_field('deal', 'utm_source', 601)", "22023"],
    ["amocrm_set_field('person', 'utm_source', 501)", "22023"],
    ["amocrm_set_field('deal', 'utm source', 501)", "22023"],
    ["amocrm_set_field('deal', 'id', null)", "22023"],
    [`amocrm_change_form_limits('{"fair_count": 100000}')`, "23514"],
    [`amocrm_change_form_limits('{"flood_count": "many"}')`, "22P02"],
    [`amocrm_change_form_limits('{"is_the_only_row": false}')`, "22023"],
    [`amocrm_change_form_limits('[]')`, "22023"],
    [`message_change_settings('{"daily_cap": 0}')`, "23514"],
    [`message_change_settings('{"time_zone": "Mars/Base"}')`, "22023"],
    [`message_change_settings('{"sms_balance_alert": 1}')`, "22023"],
    [`followup_change_step('welcome', 'none', '{"is_on": false}')`, "22023"],
    [`followup_change_step('welcome', 'hello', '{"delay_minutes": -1}')`, "23514"],
    [`followup_change_step('welcome', 'hello', '{"template_code": "nothing"}')`, "22023"],
    [`followup_change_step('welcome', 'hello', '{"channel": "sms"}')`, "22023"],
    ["followup_change_text('hello', 'mail', 'ru', 'Привет', 'Добрый день, {nobody}!')", "22023"],
    ["followup_change_text('hello', 'mail', 'ru', ' ', 'Добрый день')", "23514"],
    ["followup_change_text('none', 'mail', 'ru', 'Привет', 'Добрый день')", "22023"],
  ])("%s", async (call, code) => {
    expect(await errorOf(sql.unsafe(`select ${call}`))).toMatchObject({ code });
    expect(await sql`select from amocrm_actions`).toHaveLength(0);
  });
});

test.each([VIEWER, MANAGER, STUDENT])("nobody else may: $claims.app_metadata.role", async (caller) => {
  for (const call of CHANGES)
    expect(await outcomeOf(runAs(caller, (session) => session.unsafe(`select ${call}`))), call).toBe("42501");
});
