import { beforeEach, expect, test } from "vitest";
import { MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });

beforeEach(async () => {
  await setTestClock(NOON, sql);
  await configureVault(sql);
  await superuser`insert into cron.job_run_details (jobid, username, start_time, end_time)
    select jobid, username, ${NOON}, ${NOON} from cron.job where jobname = 'amocrm-tick'`;
  await sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
  await sql`update amocrm.installation set installed_at = ${noonPlus(-MINUTE_MS)}`;
});

const health = async () =>
  (
    await sql<{ verdict: string; problem: string; remedy: string }[]>`
    select verdict, problem, remedy from amocrm_health`
  )[0];
const typed = (name: string) =>
  sql`insert into landing_leads (email, created_at) values (${`${name}@example.com`}, ${NOON})`;

test("every trigger of ours on a table of the project is remembered as it was made", async () => {
  const [row] = await sql`
    select count(*)::int as lost from pg_trigger join pg_class on pg_class.oid = tgrelid
    where relnamespace = 'public'::regnamespace and not tgisinternal and tgname like 'amocrm\\_%'
      and not exists (select from amocrm.triggers where table_name = relname and name = tgname)`;
  expect(row).toEqual({ lost: 0 });
});

test.each([
  "alter table landing_leads disable trigger amocrm_500_copy",
  "drop trigger amocrm_500_copy on landing_leads",
])(
  "%s: named at once, and the remedy brings back the trigger and what was typed meanwhile",
  async (break_) => {
    await sql.unsafe(break_);
    await typed("ann");
    await typed("bob");
    const told = await health();
    expect(told).toMatchObject({
      verdict: "failing",
      problem: expect.stringContaining("amocrm_500_copy on landing_leads"),
    });
    expect(
      (
        await sql`select subject, row_count::int, needs_attention from amocrm_reconciliation where bucket = 'typed, not copied'`
      )[0],
    ).toEqual({ subject: "submission", row_count: 2, needs_attention: true });
    await sql.unsafe(told?.remedy ?? "");
    expect(await health()).toMatchObject({ verdict: "ok" });
    expect(await sql`select email from unified_lead_tracking order by email`).toEqual([
      { email: "ann@example.com" },
      { email: "bob@example.com" },
    ]);
    expect((await sql`select count(*)::int as messages from amocrm_outbox`)[0]).toEqual({ messages: 2 });
    await typed("vera");
    expect((await sql`select count(*)::int as messages from amocrm_outbox`)[0]).toEqual({ messages: 3 });
  },
);

test("copying what is missing is an admin's, is written down, and leaves out what came before the installation", async () => {
  await sql`alter table landing_leads disable trigger amocrm_500_copy`;
  await sql`insert into landing_leads (email, created_at) values ('old@example.com', ${noonPlus(-60 * MINUTE_MS)})`;
  await typed("new");
  await sql`alter table landing_leads enable trigger amocrm_500_copy`;
  const student = database.connect({ user: "authenticator", role: "authenticated" });
  await expect(student`select amocrm_copy_missing_leads('2001-01-01')`).rejects.toMatchObject({
    code: "42501",
  });
  expect((await sql`select amocrm_copy_missing_leads('2001-01-01') as count`)[0]).toEqual({ count: 1 });
  expect((await sql`select amocrm_copy_missing_leads('2001-01-01') as count`)[0]).toEqual({ count: 0 });
  expect(await sql`select email from unified_lead_tracking`).toEqual([{ email: "new@example.com" }]);
  expect((await sql`select action, result from amocrm_actions order by id limit 1`)[0]).toEqual({
    action: "copy_missing_leads",
    result: { count: 1 },
  });
});
