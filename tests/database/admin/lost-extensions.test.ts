import { afterEach, beforeEach, expect, test } from "vitest";
import { DoctorFacts } from "#shared/admin/doctor/facts.ts";
import { HealthReport } from "#shared/watch/report.ts";
import { HOUR_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { openDatabase, type Session, type TestDatabase } from "../support/database.ts";
import { messages } from "../support/leads.ts";
import { ANON, openDataApi } from "../support/roles.ts";
import { MIGRATED_TEMPLATE } from "../support/server.ts";
import { configureVault, FUNCTIONS_URL, queuedPosts } from "../support/vault.ts";

// Each test loses extensions for good, so each has a database of its own.
let database: TestDatabase;
let sql: Session;
let superuser: Session;
beforeEach(async () => {
  database = await openDatabase(MIGRATED_TEMPLATE);
  ({ sql } = database);
  superuser = database.connect({ user: "supabase_admin" });
  await setTestClock(NOON, sql, superuser);
  await configureVault(sql);
  await sql`update amocrm.installation set installed_at = ${noonPlus(-HOUR_MS)}`;
  await sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
  await tickRan();
});
afterEach(() => database.drop());

const tickRan = () => superuser`insert into cron.job_run_details (jobid, username, start_time, end_time)
  select jobid, username, ${NOON}, ${NOON} from cron.job where jobname = 'amocrm-tick'`;
const health = async () => (await sql`select * from amocrm_health`)[0] ?? {};
const report = async () =>
  HealthReport.parse((await sql`select amocrm_health_report() as report`)[0]?.["report"]);
const doctorFacts = async () =>
  DoctorFacts.parse((await sql`select amocrm_doctor_facts() as facts`)[0]?.["facts"]);
const jobs = () => sql`select jobname, schedule, command, username, active from cron.job order by jobname`;
/** What a visitor, cron and people do goes on, whatever is gone. */
async function goOn(): Promise<void> {
  await openDataApi(database)(ANON, async (anon) => {
    await setTestClock(NOON, anon);
    await anon`insert into landing_leads (email) values ('a@example.com')`;
  });
  expect(await messages(sql)).toMatchObject([{ kind: "lead.created", state: "pending" }]);
  await sql`select amocrm_tick()`;
  await sql`select amocrm_pull_tick()`;
  await sql`select amocrm_pull_request(null, false)`;
  await sql`select amocrm_pause('moving')`;
  await sql`select amocrm_resume()`;
  await sql`select amocrm.sweep()`;
}

test("without pg_cron everything goes on, health and alert say so, and the remedy brings it back", async () => {
  expect(await health()).toMatchObject({ verdict: "ok" });
  const before = await jobs();
  await sql`drop extension pg_cron`;
  await goOn();
  const remedy = "create extension pg_cron with schema pg_catalog; select amocrm_schedule_jobs()";
  expect(await health()).toMatchObject({
    verdict: "stopped",
    problem: "The extension pg_cron is not installed: nothing is called at its time",
    remedy,
    last_tick_at: null,
    waiting_count: 1,
  });
  expect(await report()).toMatchObject({
    is_well: false,
    verdict: "stopped",
    open_alerts: [{ code: "cron_stopped", severity: "critical", remedy }],
  });
  expect(await doctorFacts()).toMatchObject({ jobs: null, extensions: ["pg_net", "supabase_vault"] });

  // As the dashboard does it: the extension alone, without its jobs.
  await sql.unsafe(remedy.split("; ")[0] ?? "");
  expect(await health()).toMatchObject({
    verdict: "stopped",
    problem: "The cron job amocrm-tick is gone or switched off",
    remedy: "select amocrm_schedule_jobs()",
  });
  await sql.unsafe(remedy.split("; ")[1] ?? "");
  expect(await jobs()).toEqual(before);
  await tickRan();
  expect(await health()).toMatchObject({ verdict: "ok", last_tick_at: NOON });
});

test("without pg_net everything goes on, and health and alert name it at once", async () => {
  await sql`drop extension pg_net`;
  await goOn();
  const named = {
    problem: "The extension pg_net is not installed: the database can call no function",
    remedy: "create extension pg_net with schema extensions",
  };
  expect(await health()).toMatchObject({ verdict: "unreachable", ...named });
  expect((await health())["notice"]).toContain("Nobody is told when the functions are down (Vault has no");
  expect(await report()).toMatchObject({
    verdict: "unreachable",
    open_alerts: [{ code: "pg_net_silent", detail: named.problem, remedy: named.remedy }],
  });
  expect((await sql`select amocrm_pull_progress() as told`)[0]?.["told"]).toMatchObject({
    hindrance: named.problem,
  });
  expect(await doctorFacts()).toMatchObject({ call_id: null, extensions: ["pg_cron", "supabase_vault"] });

  await sql.unsafe(named.remedy);
  await sql`select amocrm_tick()`;
  expect((await queuedPosts(sql)).map(({ url }) => url)).toContain(`${FUNCTIONS_URL}/amocrm-drain`);
});

test("without Vault everything goes on, and health and alert name it at once", async () => {
  await superuser`drop extension supabase_vault`;
  await goOn();
  const problem =
    "The extension supabase_vault is not installed: the database has neither address nor key of the functions";
  const remedy = expect.stringContaining(
    "create extension supabase_vault with schema vault; then npm run amocrm -- setup",
  );
  expect(await health()).toMatchObject({ verdict: "unconfigured", problem, remedy });
  await report();
  await setTestClock(noonPlus(3 * 60_000), sql);
  expect((await report()).open_alerts).toContainEqual(
    expect.objectContaining({ code: "vault_incomplete", detail: problem, remedy }),
  );
  expect(await doctorFacts()).toMatchObject({ vault: null, call_id: null });

  await superuser`create extension supabase_vault with schema vault`;
  await sql`select amocrm_set_vault('https://p.supabase.co/functions/v1', 'sb_secret_a')`;
  expect(await queuedPosts(sql)).toMatchObject([{ url: "https://p.supabase.co/functions/v1/amocrm-drain" }]);
});

test("without all three a lead is still saved with its message, and health still answers", async () => {
  await superuser`drop extension pg_cron, pg_net, supabase_vault`;
  await goOn();
  expect(await health()).toMatchObject({ verdict: "unconfigured", waiting_count: 1 });
  const { open_alerts: alerts, mail } = await report();
  expect(alerts.map(({ code }) => code)).toEqual(expect.arrayContaining(["cron_stopped", "pg_net_silent"]));
  expect(alerts.map(({ code }) => code)).not.toContain("watch_broken");
  expect(mail.verdict).not.toBe("broken");
  expect((await doctorFacts()).extensions).toEqual([]);
});
