import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, strangers, withoutStudentHandler } from "../support/leads.ts";
import { configureVault, FUNCTIONS_URL, queuedPosts } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
beforeEach(async () => {
  await setTestClock(NOON, sql);
  await configureVault(sql);
});

const tick = () => sql`select amocrm_tick()`;
const posts = async () => (await queuedPosts(sql)).length;
/** What pg_net's worker does: takes the calls out of the queue. */
const sendAll = () => superuser`truncate net.http_request_queue`;
async function insertAndSend() {
  await insertLeads(sql, strangers(1));
  await sendAll();
}
const beat = (state: string) =>
  sql`select amocrm_heartbeat('amocrm-drain', ${state}, '{AMOCRM_ACCESS_TOKEN}', null)`;

describe("the tick", () => {
  test("is called by cron each ten seconds, beside sweep and prune", async () => {
    expect(
      await sql`select jobname, schedule, command, active from cron.job
      where jobname in ('amocrm-tick', 'amocrm-sweep', 'amocrm-prune') order by jobname`,
    ).toEqual([
      { jobname: "amocrm-prune", schedule: "17 * * * *", command: "select amocrm.prune(5000)", active: true },
      { jobname: "amocrm-sweep", schedule: "*/5 * * * *", command: "select amocrm.sweep()", active: true },
      {
        jobname: "amocrm-tick",
        schedule: "10 seconds",
        command: "select public.amocrm_tick()",
        active: true,
      },
    ]);
  });

  test("calls nothing when nothing is due", async () => {
    await tick();
    await withoutStudentHandler(sql);
    // Welcomed elsewhere already, so that there is no mail either.
    await sql`insert into tripwire_users (email, welcome_email_sent_at) values ('s@example.com', now())`;
    await sendAll();
    await tick();
    expect(await posts()).toBe(0);
  });

  test("calls nothing while a 429 has put the next slot further away than a drain waits for it", async () => {
    await insertAndSend();
    await sql`select amocrm.slow_down('amocrm', 2000, 25000, 'rate_limited')`;
    await tick();
    await insertLeads(sql, strangers(1, "later"));
    expect(await posts()).toBe(0);
    await setTestClock(noonPlus(15_000), sql);
    await tick();
    expect(await posts()).toBe(1);
  });

  test("calls for a fresh message, for one whose time has come, and for one that a dead drain left", async () => {
    await insertAndSend();
    await tick();
    expect(await posts()).toBe(1);
    await sendAll();

    const drainer = openDrainer(database);
    await setTestClock(NOON, drainer.sql);
    await drainer.begin();
    await drainer.claim();
    await drainer.settle([{ id: 1, verdict: "retry", wait_ms: 60_000 }]);
    await drainer.end();
    await tick();
    expect(await posts()).toBe(0);
    await setTestClock(noonPlus(60_000), sql, drainer.sql);
    await tick();
    expect(await posts()).toBe(1);
    await sendAll();

    await drainer.begin();
    await drainer.claim();
    await setTestClock(noonPlus(74_999), sql);
    await tick();
    expect(await posts()).toBe(0);
    await setTestClock(noonPlus(75_000), sql);
    await tick();
    expect(await posts()).toBe(1);
  });

  test("does not call while a call is queued, but counts that it was not heard", async () => {
    await insertAndSend();
    for (let count = 0; count < 3; count++) await tick();
    expect(await posts()).toBe(1);
    expect(
      await sql`select unanswered_post_count, last_post_at from amocrm.heartbeats where component = 'amocrm-drain'`,
    ).toEqual([{ unanswered_post_count: 3, last_post_at: NOON }]);
    await beat("ok");
    expect(
      await sql`select unanswered_post_count, last_ok_at from amocrm.heartbeats where component = 'amocrm-drain'`,
    ).toEqual([{ unanswered_post_count: 0, last_ok_at: NOON }]);
  });

  test.each(["disabled", "unconfigured"])("asks a function that is %s once a minute only", async (state) => {
    await insertAndSend();
    await beat(state);
    await tick();
    await setTestClock(noonPlus(50_000), sql);
    await tick();
    expect(await posts()).toBe(0);
    await setTestClock(noonPlus(56_000), sql);
    await tick();
    expect(await posts()).toBe(1);
  });

  test("does not call while a drain lives, sending is paused, or the breaker waits", async () => {
    await insertAndSend();
    const drainer = openDrainer(database);
    await setTestClock(NOON, drainer.sql);
    await drainer.begin();
    await tick();
    await drainer.end();
    await sendAll();
    await sql`select amocrm_pause('moving')`;
    await tick();
    await sql`select amocrm_resume()`;
    await sendAll();
    await sql`select amocrm.open_breaker('amocrm', 'blocked', 'amoCRM answered 403', 60, 300)`;
    await tick();
    expect(await posts()).toBe(0);
    await setTestClock(noonPlus(60_000), sql);
    await tick();
    expect(await posts()).toBe(1);
  });
});

describe("amocrm_set_vault", () => {
  const setVault = async (url: string | null, key: string | null) =>
    (await sql`select amocrm_set_vault(${url}, ${key}) as outcome`)[0]?.["outcome"];

  test("writes both secrets, tells whether they were new, and rings for what waits", async () => {
    await sql`delete from vault.secrets`;
    await insertLeads(sql, strangers(1));
    expect(await posts()).toBe(0);
    expect(await setVault(`${FUNCTIONS_URL}/`, "sb_secret_2")).toBe("done");
    expect(await setVault(FUNCTIONS_URL, "sb_secret_2")).toBe("unchanged");
    // With the token of one door, and no secret key beside it.
    expect(await queuedPosts(sql)).toMatchObject([
      {
        url: `${FUNCTIONS_URL}/amocrm-drain`,
        headers: {
          "Content-Type": "application/json",
          "x-amocrm-call": expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      },
    ]);
    expect(JSON.stringify(await queuedPosts(sql))).not.toContain("sb_secret_2");
  });

  test.each([
    { url: null, key: "k" },
    { url: "ftp://example.com", key: "k" },
    { url: "http://user:pass@example.com", key: "k" },
    { url: FUNCTIONS_URL, key: "two words" },
  ])("refuses $url with key $key, and repeats neither in the error", async ({ url, key }) => {
    const error = await errorOf(setVault(url, key));
    expect(error.code).toBe("22023");
    for (const value of [url, key])
      if (value !== null && value !== "k") expect(error.message).not.toContain(value);
  });
});
