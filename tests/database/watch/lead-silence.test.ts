import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });

/** Leads that came and were delivered, at these moments before noon. */
async function leadsCame(...agoMs: number[]) {
  await superuser`alter table unified_lead_tracking disable trigger amocrm_500_enqueue`;
  for (const ms of agoMs) {
    await superuser`insert into unified_lead_tracking (email, created_at) values ('x@example.com', ${noonPlus(-ms)})`;
  }
  await superuser`alter table unified_lead_tracking enable trigger amocrm_500_enqueue`;
}
/** So many an hour, from nine to noon, for weeks; the last of them three hours ago. */
async function weeksOfLeads(weeks: number, perHour: number) {
  const moments = [3 * HOUR_MS];
  for (let week = 1; week <= weeks; week++) {
    for (let index = 0; index < 3 * perHour; index++) {
      moments.push(week * 7 * DAY_MS + (index + 0.5) * (HOUR_MS / perHour));
    }
  }
  moments.push((weeks * 7 + 1) * DAY_MS);
  await leadsCame(...moments);
}
const health = async () => (await sql`select * from amocrm_health`)[0];

beforeEach(async () => {
  await setTestClock(NOON, sql, superuser);
  await configureVault(sql);
  await superuser`insert into cron.job_run_details (jobid, username, start_time, end_time)
    select jobid, username, ${NOON}, ${NOON} from cron.job where jobname = 'amocrm-tick'`;
  await sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
});

describe("the silence of leads", () => {
  test("is unusual where enough came in the same hours of the weeks before", async () => {
    await weeksOfLeads(3, 4);
    expect(await health()).toMatchObject({
      verdict: "attention",
      problem: expect.stringContaining("No lead has come since"),
      remedy: expect.stringContaining("Send a test lead"),
      last_lead_at: noonPlus(-3 * HOUR_MS),
      usual_lead_count: 12,
      is_silence_unusual: true,
    });
  });

  test.each([
    { name: "few come anyway", make: () => weeksOfLeads(3, 1) },
    { name: "less than twelve were to be expected", make: () => weeksOfLeads(3, 3) },
    {
      name: "one of the weeks was as quiet",
      make: async () => {
        await weeksOfLeads(3, 4);
        await superuser`delete from unified_lead_tracking
          where created_at between ${noonPlus(-15 * DAY_MS)} and ${noonPlus(-13 * DAY_MS)}`;
      },
    },
    { name: "the history is shorter than a week", make: () => leadsCame(3 * HOUR_MS, 4 * DAY_MS) },
    { name: "no lead has ever come", make: async () => {} },
    { name: "no lead has come for weeks", make: () => leadsCame(20 * DAY_MS, 30 * DAY_MS) },
    {
      name: "one came a minute ago",
      make: async () => {
        await weeksOfLeads(3, 4);
        await leadsCame(MINUTE_MS);
      },
    },
  ])("is nothing unusual where $name", async ({ make }) => {
    await make();
    expect(await health()).toMatchObject({ verdict: "ok", is_silence_unusual: false });
  });

  test("is not hidden by a row that an import has dated ahead of now", async () => {
    await weeksOfLeads(3, 4);
    await leadsCame(-DAY_MS);
    expect(await health()).toMatchObject({ last_lead_at: noonPlus(-3 * HOUR_MS), is_silence_unusual: true });
  });

  test("is held against as many weeks as there are", async () => {
    await weeksOfLeads(1, 4);
    expect(await health()).toMatchObject({ usual_lead_count: 12, is_silence_unusual: true });
  });
});

describe("a silence that chance may still explain", () => {
  test("is mentioned and is no verdict", async () => {
    await weeksOfLeads(3, 2);
    expect(await health()).toMatchObject({
      verdict: "ok",
      usual_lead_count: 6,
      notice: expect.stringContaining("where about 6 were to be expected"),
    });
  });

  test("is not mentioned below five", async () => {
    await weeksOfLeads(3, 1);
    expect((await health())?.["notice"]).not.toContain("were to be expected");
  });
});

describe("amocrm_health", () => {
  test("tells when each lane last delivered, and when the backlog will be done", async () => {
    expect(await health()).toMatchObject({
      last_live_at: null,
      last_backfill_at: null,
      backlog_done_at: null,
    });
    const drainer = database.connect({ user: "authenticator", role: "service_role" });
    const token = "11111111-1111-4111-8111-111111111111";
    await sql`insert into unified_lead_tracking (email) values ('live@example.com')`;
    await leadsCame(DAY_MS);
    await sql`select amocrm_backfill('unified_lead_tracking')`;
    expect(await health()).toMatchObject({ waiting_count: 2, backlog_done_at: noonPlus(6000) });
    for (const [ms, id] of [
      [1000, 1],
      [2000, 2],
    ] as const) {
      await setTestClock(noonPlus(ms), sql, drainer);
      await drainer`select amocrm_drain_begin(${token})`;
      await drainer`select amocrm_drain_claim(${token}, 1)`;
      await drainer`select amocrm_drain_settle(${token}, ${JSON.stringify([{ id, verdict: "delivered" }])}::text::jsonb)`;
    }
    expect(await health()).toMatchObject({
      last_live_at: noonPlus(1000),
      last_backfill_at: noonPlus(2000),
      backlog_done_at: null,
    });
  });
});
