import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { outcomeOf } from "../support/errors.ts";
import { insertLeads } from "../support/leads.ts";
import { ANON, type Caller, openDataApi, STUDENT } from "../support/roles.ts";

const database = await useDatabase();
const attempt = openDataApi(database, { rollsBack: true });
const SOME_ID = "99999999-9999-4999-8999-999999999999";

const ATTACKS = [
  "insert into landing_leads (email) values ('x@example.com') returning id",
  "insert into landing_leads (email) values ('x@example.com') returning email",
  `insert into landing_leads (id, email) values ('${SOME_ID}', 'x@example.com')`,
  "insert into landing_leads (created_at, email) values ('2020-01-01', 'x@example.com')",
  `insert into landing_leads (submission_id, email) values ('${SOME_ID}', 'x@example.com')
     on conflict (submission_id) do update set email = 'evil@example.com'`,
  "insert into unified_lead_tracking (email) values ('x@example.com') returning *",
  `insert into unified_lead_tracking (id, email) values ('${SOME_ID}', 'x@example.com')`,
  "insert into unified_lead_tracking (email, created_at) values ('x@example.com', '2020-01-01')",
  `insert into unified_lead_tracking (email, landing_lead_id) values ('x@example.com', '${SOME_ID}')`,
  "insert into unified_lead_tracking (email, amocrm_contact_id) values ('x@example.com', 1)",
  "insert into unified_lead_tracking (email, amocrm_deal_id) values ('x@example.com', 1)",
  "insert into unified_lead_tracking (email, amocrm_synced_at) values ('x@example.com', now())",
  "select email from landing_leads",
  "select count(*) from unified_lead_tracking",
  "update landing_leads set email = 'evil@example.com'",
  "delete from landing_leads",
  "truncate landing_leads",
  "lock table landing_leads in access exclusive mode",
  "merge into landing_leads using (select 1) as one on false when not matched then insert (id) values (gen_random_uuid())",
  "copy landing_leads to stdout",
  "insert into tripwire_users (email) values ('x@example.com')",
  "insert into amocrm_outbox (kind) values ('lead.created')",
  "select nextval('amocrm_alerts_id_seq')",
  "create table public.mine (id int)",
  "create trigger mine after insert on landing_leads execute function public.amocrm_tick()",
  "alter table landing_leads disable trigger all",
  "select decrypted_secret from vault.decrypted_secrets",
  "select * from cron.job_run_details where command is null limit 0; select cron.unschedule('amocrm-tick')",
  "set local row_security = off; select * from landing_leads",
];

describe.each([ANON, STUDENT])("$role", (caller: Caller) => {
  beforeEach(() => insertLeads(database.sql, [{ email: "victim@example.com" }]));

  test.each(ATTACKS)("is refused: %s", async (attack) => {
    expect(await outcomeOf(attempt(caller, (sql) => sql.unsafe(attack)))).toBe("42501");
  });
});

test("a visitor may not take the hour of the test clock into account of others", async () => {
  await attempt(ANON, (sql) => sql`select set_config('amocrm.test_clock', '2000-01-01', true)`);
  const [row] = await database.sql`select amocrm.clock() > now() - interval '1 minute' as is_now`;
  expect(row?.["is_now"]).toBe(true);
});
