import { beforeEach, describe, expect, test } from "vitest";
import { sized } from "../../support/sizes.ts";
import { MINUTE_MS, NOON, noonPlus, SECOND_MS, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertLeads, strangers } from "../support/leads.ts";
import { openDataApi, SERVICE } from "../support/roles.ts";
import { configureVault } from "../support/vault.ts";
import { openWatchman, type Watchman } from "../support/watchman.ts";

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database);
let watchman: Watchman;
beforeEach(async () => {
  watchman = await openWatchman(database);
  await configureVault(sql);
  await sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
});

const fail = () => sql`select amocrm_heartbeat('amocrm-drain', 'failed', '{}', 'TypeError')`;
const succeed = () => sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
/** Two show that a day's incidents are not those of the day before. */
const DAYS = sized(2, 7);
/** How far cron's looks are apart in the hours without trouble. */
const QUIET_MINUTES = sized(15, 1);

const failures = async () => (await watchman.alerts()).filter(({ code }) => code === "drain_failing");
const mailsOf = async (incidentId: string) =>
  (await sql`select kind from message_outbox where subject_id = ${incidentId} order by id`).map(
    (row) => row["kind"],
  );

describe("one incident", () => {
  test("is not opened by what one look alone has seen", async () => {
    await fail();
    await watchman.pass(1);
    await succeed();
    await watchman.pass(10);
    expect(await watchman.alerts()).toEqual([]);
  });

  test("is opened by what comes and goes each minute, and does not end while it does", async () => {
    let isFailing = false;
    await watchman.pass(60, {
      each: () => {
        isFailing = !isFailing;
        return isFailing ? fail() : succeed();
      },
    });
    const [incident, ...others] = await failures();
    expect(incident).toMatchObject({ resolved_at: null });
    expect(others).toEqual([]);
    expect(await mailsOf(incident?.incident_id ?? "")).toEqual(["alert.opened"]);
  });

  test("ends after a quarter of an hour without it, and is told so an hour later", async () => {
    await fail();
    await watchman.pass(2);
    await succeed();
    await watchman.pass(15);
    expect(await watchman.openCodes()).toEqual(["drain_failing"]);
    await watchman.pass(1);
    expect(await watchman.openCodes()).not.toContain("drain_failing");
    const [incident] = await failures();
    await watchman.pass(59);
    expect(await mailsOf(incident?.incident_id ?? "")).toEqual(["alert.opened"]);
    await watchman.pass(1);
    expect(await mailsOf(incident?.incident_id ?? "")).toEqual(["alert.opened", "alert.resolved"]);
  });

  test("goes on if it comes back within the hour, and is another one after it", async () => {
    await fail();
    await watchman.pass(2);
    await succeed();
    await watchman.pass(16 + 50);
    await fail();
    await watchman.pass(5);
    const [incident, ...others] = await failures();
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ resolved_at: null });
    expect(await mailsOf(incident?.incident_id ?? "")).toEqual(["alert.opened"]);
    await succeed();
    await watchman.pass(16 + 61);
    await fail();
    await watchman.pass(5);
    expect((await failures()).map(({ resolved_at }) => resolved_at === null)).toEqual([false, true]);
  });

  test("of a code that others open and end is mailed by the same rules", async () => {
    const end = () => sql`update amocrm_alerts set resolved_at = ${new Date(watchman.nowMs())}`;
    const open = () =>
      sql`insert into amocrm_alerts (code, severity, detail) values ('form_flood', 'warning', '3 leads are in quarantine')`;
    for (let round = 0; round < 3; round++) {
      await open();
      await watchman.pass(5);
      await end();
      await watchman.pass(20);
    }
    await watchman.pass(61);
    const [flood, ...others] = (await watchman.alerts()).filter(({ code }) => code === "form_flood");
    expect(others).toEqual([]);
    expect(await mailsOf(flood?.incident_id ?? "")).toEqual(["alert.opened", "alert.resolved"]);
  });
});

test(`in ${DAYS} days of conditions that flap by minutes, each incident is mailed once when it opens and once when it is over`, {
  timeout: 300_000,
}, async () => {
  // Each day from midnight: an evening of trouble that comes and goes in waves of its own length, then quiet.
  await sql.unsafe(`do $$
    declare
      v_start timestamptz := '${NOON.toISOString()}';
      v_hour int;
    begin
      for v_minute in 1..${DAYS * 24 * 60} loop
        perform set_config('amocrm.test_clock', (v_start + v_minute * interval '1 minute')::text, false);
        v_hour := v_minute / 60 % 24;
        continue when v_hour > 10 and v_minute % ${QUIET_MINUTES} > 0;
        update amocrm.heartbeats set state = case when v_hour < 6 and v_minute % 2 = 0 then 'failed' else 'ok' end, detail = 'TypeError'
        where component = 'amocrm-drain';
        update amocrm.cursors set failure_count = case when v_hour between 2 and 8 and v_minute / 20 % 2 = 0 then 3 else 0 end;
        update amocrm.queue_control set breaker_code = case when v_hour < 3 and v_minute / 12 % 2 = 0 then 'unpaid' end,
          breaker_message = 'amoCRM answered 402', breaker_delay_seconds = 60,
          breaker_probe_at = case when v_hour < 3 and v_minute / 12 % 2 = 0 then amocrm.clock() end,
          breaker_opened_at = case when v_hour < 3 and v_minute / 12 % 2 = 0 then v_start + (v_minute - v_minute % 12) * interval '1 minute' end
        where queue = 'amocrm';
        perform amocrm.watch();
        commit;
      end loop;
    end $$`);
  const rows = await sql<{ code: string; incident_count: number; mails: string }[]>`
    select alert.code, count(*)::int as incident_count, string_agg(distinct mails.kinds, ' | ') as mails
    from amocrm_alerts as alert
    cross join lateral (select string_agg(kind, ', ' order by message_outbox.id) as kinds
      from message_outbox where message_outbox.subject_id = alert.incident_id) as mails
    where alert.code in ('drain_failing', 'pull_failing', 'breaker_open') group by 1 order by 1`;
  expect(rows).toEqual(
    ["breaker_open", "drain_failing", "pull_failing"].map((code) => ({
      code,
      incident_count: DAYS,
      mails: "alert.opened, alert.resolved",
    })),
  );
});

describe("within two minutes amocrm_health names it and an incident opens", () => {
  const health = async () => (await sql`select verdict, problem from amocrm_health`)[0];
  /** What cron does in a minute, and what pg_net would tell of its calls. */
  const ticks = (statusCode: number) => async () => {
    const startMs = watchman.nowMs();
    for (let second = 0; second < 60; second += 10) {
      await setTestClock(new Date(startMs + second * SECOND_MS), sql);
      await sql`select amocrm_tick()`;
      await watchman.superuser`insert into net._http_response (id, status_code, created)
        select id, ${statusCode}, 'infinity' from net.http_request_queue on conflict do nothing`;
      await watchman.superuser`delete from net.http_request_queue`;
    }
  };

  test.each([
    ["a wrong functions URL", 404, /amocrm-drain 1\d times without a sign of life, last answer 404/],
    ["a key that is no longer one", 401, /without a sign of life, last answer 401/],
  ])("%s", async (_name, statusCode, problem) => {
    await insertLeads(sql, strangers(1));
    await watchman.pass(2, { each: ticks(statusCode) });
    expect(await health()).toMatchObject({ verdict: "unreachable", problem: expect.stringMatching(problem) });
    expect(await watchman.openCodes()).toEqual(["unreachable"]);
  });

  test("a missing key", async () => {
    await watchman.superuser`delete from vault.secrets where name = 'amocrm_cron_key'`;
    await watchman.pass(2);
    expect(await health()).toMatchObject({ problem: "Vault has no secret amocrm_cron_key" });
    expect(await watchman.openCodes()).toEqual(["vault_incomplete"]);
  });

  test("a misspelt variable", async () => {
    await sql`select amocrm_heartbeat('amocrm-drain', 'unconfigured', '{AMOCRM_ACCESS_TOKEN}', 'AMOCRM_ACCESS_TOKEN is not set (AMOCRM_ACESS_TOKEN is set: misspelt?)')`;
    await watchman.pass(2);
    expect(await health()).toMatchObject({ problem: expect.stringContaining("AMOCRM_ACCESS_TOKEN") });
    expect((await watchman.alerts())[0]?.detail).toContain("AMOCRM_ACESS_TOKEN");
  });

  test("a stopped cron, once a monitor asks, which then looks in its place", async () => {
    await watchman.pass(1);
    await setTestClock(noonPlus(MINUTE_MS + 2 * MINUTE_MS + 1), sql);
    const report = await runAs(SERVICE, async (service) => {
      await setTestClock(noonPlus(MINUTE_MS + 2 * MINUTE_MS + 1), service as never);
      return (await service`select amocrm_health_report() as report`)[0]?.["report"];
    });
    expect(report).toMatchObject({
      is_well: false,
      verdict: "stopped",
      open_alerts: [{ code: "cron_stopped", severity: "critical" }],
    });
    expect(await watchman.openCodes()).toEqual(["cron_stopped"]);
    expect(await watchman.mailKinds()).toEqual(["alert.opened"]);
  });
});
