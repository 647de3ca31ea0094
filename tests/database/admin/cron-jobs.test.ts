import { beforeEach, describe, expect, test } from "vitest";
import { JOBS } from "#shared/admin/doctor/cron.ts";
import { NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { errorOf } from "../support/errors.ts";
import { configureVault } from "../support/vault.ts";
import { openWatchman } from "../support/watchman.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const service = database.connect({ user: "authenticator", role: "service_role" });

const scheduleJobs = async (): Promise<string[]> =>
  (await service`select amocrm_schedule_jobs() as names`)[0]?.["names"];
const jobs = () => sql`select jobname, schedule, command, username, active from cron.job order by jobname`;
const health = async () => (await sql`select * from amocrm_health`)[0] ?? {};
const ran = (status: string, message: string | null = null) => superuser`
  insert into cron.job_run_details (jobid, username, status, return_message, start_time)
  select jobid, username, ${status}, ${message}, ${NOON} from cron.job where jobname = 'amocrm-tick'`;
const alter = (name: string, change: { schedule?: string; active?: boolean }) => sql`
  select cron.alter_job(jobid, schedule := ${change.schedule ?? null}, active := ${change.active ?? null})
  from cron.job where jobname = ${name}`;

beforeEach(async () => {
  await scheduleJobs();
  await superuser`truncate amocrm.actions`;
  await setTestClock(NOON, sql, superuser);
  await configureVault(sql);
  await sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
  await ran("succeeded");
});

describe("amocrm_schedule_jobs", () => {
  test("finds nothing to do where all is as the migrations made it", async () => {
    const before = await jobs();
    expect(before.map(({ jobname }) => jobname).sort()).toEqual(Object.keys(JOBS).sort());
    expect(await scheduleJobs()).toEqual([]);
    expect(await jobs()).toEqual(before);
  });

  test("brings back what was lost, switched off or changed, as the owner's, and leaves others' jobs alone", async () => {
    const before = await jobs();
    await sql`select cron.schedule('reports', '0 4 * * *', 'select 1')`;
    await sql`select cron.unschedule('amocrm-tick')`;
    await alter("amocrm-sweep", { active: false });
    await alter("amocrm-watch", { schedule: "0 0 * * *" });
    expect(await scheduleJobs()).toEqual(["amocrm-sweep", "amocrm-tick", "amocrm-watch"]);
    expect((await jobs()).filter(({ jobname }) => jobname !== "reports")).toEqual(before);
    expect(await sql`select schedule from cron.job where jobname = 'reports'`).toEqual([
      { schedule: "0 4 * * *" },
    ]);
    await sql`select cron.unschedule('reports')`;
    expect(await sql`select action, result from amocrm_actions order by id limit 1`).toEqual([
      { action: "schedule_jobs", result: { jobs: ["amocrm-sweep", "amocrm-tick", "amocrm-watch"] } },
    ]);
  });

  test("says what to do where pg_cron is not installed", async () => {
    await superuser`alter schema cron rename to gone`;
    const error = await errorOf(scheduleJobs());
    await superuser`alter schema gone rename to cron`;
    expect(error).toMatchObject({
      code: "55000",
      message: expect.stringContaining("pg_cron is not installed"),
      hint: expect.stringContaining("create extension pg_cron"),
    });
  });

  test.each(["anon", "authenticated"])("is refused to %s", async (role) => {
    const session = database.connect({ user: "authenticator", role });
    expect((await errorOf(session`select amocrm_schedule_jobs()`)).code).toBe("42501");
    await session.end();
  });
});

describe("amocrm_health", () => {
  test.each([
    ["gone", () => sql`select cron.unschedule('amocrm-tick')`],
    ["switched off", () => alter("amocrm-tick", { active: false })],
  ])("says stopped at once when the tick is %s", async (_, lose) => {
    expect(await health()).toMatchObject({ verdict: "ok" });
    await lose();
    expect(await health()).toMatchObject({
      verdict: "stopped",
      problem: "The cron job amocrm-tick is gone or switched off",
      remedy: "select amocrm_schedule_jobs()",
    });
  });

  test("says attention when other jobs are lost, and which, and so does an alert", async () => {
    await sql`select cron.unschedule('amocrm-prune')`;
    await alter("amocrm-forms", { active: false });
    const told = {
      problem: "Cron jobs are gone or switched off: amocrm-forms, amocrm-prune",
      remedy: "select amocrm_schedule_jobs()",
    };
    expect(await health()).toMatchObject({ verdict: "attention", ...told });
    const watchman = await openWatchman(database);
    await watchman.pass(2);
    expect(await watchman.alerts()).toMatchObject([
      { code: "cron_jobs_lost", severity: "warning", detail: told.problem, remedy: told.remedy },
    ]);
  });

  test("says stopped when the tick fails three times in a row, with its error", async () => {
    await ran("failed", "ERROR: no such thing");
    await ran("failed", "ERROR: no such thing");
    expect(await health()).toMatchObject({ verdict: "ok" });
    await ran("failed", "ERROR: no such thing");
    expect(await health()).toMatchObject({
      verdict: "stopped",
      problem: "The cron job amocrm-tick fails each time: ERROR: no such thing",
      remedy: expect.stringContaining("cron.job_run_details"),
    });
    await ran("running");
    expect(await health()).toMatchObject({ verdict: "ok" });
  });
});
