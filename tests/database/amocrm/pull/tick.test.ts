import { beforeEach, describe, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, NOON, noonPlus, SECOND_MS, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { openDrainer } from "../../support/drainer.ts";
import { openPuller } from "../../support/puller.ts";
import { configureVault, FUNCTIONS_URL, queuedPosts } from "../../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const puller = openPuller(database);
const drainer = openDrainer(database);

async function at(ms: number): Promise<void> {
  await setTestClock(noonPlus(ms), sql, puller.sql, drainer.sql);
}
const tick = () => sql`select amocrm_pull_tick()`;
const postCount = async () =>
  (await queuedPosts(sql)).filter(({ url }) => url === `${FUNCTIONS_URL}/amocrm-pull`).length;

beforeEach(async () => {
  await at(0);
  await sql`update amocrm.cursors set is_complete = true, changed_until = ${NOON}, pulled_at = ${NOON}`;
  await configureVault(sql);
});

describe("the tick", () => {
  test("calls nobody while nothing is due", async () => {
    await tick();
    await at(14 * MINUTE_MS);
    await tick();
    expect(await postCount()).toBe(0);
  });

  test("calls amocrm-pull when the interval is over, when the first run is not through, and when a run is unfinished", async () => {
    await at(15 * MINUTE_MS);
    await tick();
    expect(await postCount()).toBe(1);
    for (const change of ["is_complete = false", `position = '{"kind": "window"}'`]) {
      await sql`delete from net.http_request_queue`;
      await sql`update amocrm.cursors set is_complete = true, position = '{}', pulled_at = ${noonPlus(15 * MINUTE_MS)}`;
      await tick();
      expect(await postCount()).toBe(0);
      await sql.unsafe(`update amocrm.cursors set ${change} where entity = 'deal'`);
      await tick();
      expect(await postCount()).toBe(1);
    }
  });

  test.each([
    ["a pull is at work", () => puller.begin()],
    ["sending is paused", () => sql`select amocrm_pause('moving')`],
    ["the breaker is open", () => sql`select amocrm.open_breaker('amocrm', 'unpaid', 'Pay', 60, 300)`],
    ["leads wait", () => sql`insert into unified_lead_tracking (email) values ('a@b.example')`],
    [
      "the function said a moment ago that it is not configured",
      () => sql`select amocrm_heartbeat('amocrm-pull', 'unconfigured', '{X}', 'x')`,
    ],
    [
      "a run failed a moment ago",
      () => sql`update amocrm.cursors set next_attempt_at = ${noonPlus(HOUR_MS + MINUTE_MS)}`,
    ],
    ["there is no Vault secret", () => sql`delete from vault.secrets where name = 'amocrm_cron_key'`],
  ])("calls nobody while %s", async (_, block) => {
    await at(HOUR_MS);
    await block();
    await tick();
    expect(await postCount()).toBe(0);
  });

  test("calls it although leads wait, where it may spare them their searches", async () => {
    await sql`update amocrm.cursors set is_complete = false where entity = 'contact'`;
    await sql`insert into unified_lead_tracking (email) values ('a@b.example')`;
    await tick();
    expect(await postCount()).toBe(1);
  });

  test("asks one that was not configured again once the drain is, and not only after five minutes", async () => {
    await at(HOUR_MS);
    await sql`select amocrm_heartbeat('amocrm-pull', 'unconfigured', '{X}', 'x')`;
    await at(HOUR_MS + MINUTE_MS);
    await tick();
    expect(await postCount()).toBe(0);
    await sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
    await tick();
    expect(await postCount()).toBe(1);
  });

  test("counts the calls that nobody answered", async () => {
    await at(HOUR_MS);
    await tick();
    await sql`delete from net.http_request_queue`;
    await tick();
    const beat = () =>
      sql`select unanswered_post_count from amocrm.heartbeats where component = 'amocrm-pull'`;
    expect(await beat()).toEqual([{ unanswered_post_count: 2 }]);
    await puller.sql`select amocrm_heartbeat('amocrm-pull', 'ok', '{}', null)`;
    expect(await beat()).toEqual([{ unanswered_post_count: 0 }]);
  });
});

describe("a pull's slot", () => {
  beforeEach(async () => {
    await at(HOUR_MS);
    await puller.begin();
  });

  test("is one of the account's pace", async () => {
    expect(await puller.slot()).toMatchObject({ granted: true, wait_ms: 0 });
    expect(await puller.slot()).toMatchObject({ granted: true, wait_ms: 2000 });
    expect(await drainer.slot({ withoutToken: true })).toMatchObject({ granted: true, wait_ms: 4000 });
  });

  test("is refused while a lead is due and while a drain is at work, and given again afterwards", async () => {
    await sql`insert into amocrm_routes (source) values ('*')`;
    await sql`insert into unified_lead_tracking (email) values ('a@b.example')`;
    expect(await puller.slot()).toMatchObject({ granted: false, code: "live_due" });
    await drainer.begin();
    const [message] = await drainer.claim();
    expect(await puller.slot()).toMatchObject({ granted: false, code: "live_due" });
    await drainer.settle([{ id: message?.id ?? 0, verdict: "delivered" }]);
    expect(await puller.slot()).toMatchObject({ granted: false, code: "live_due" });
    await drainer.end();
    expect(await puller.slot()).toMatchObject({ granted: true });
  });

  test("is refused when another pull took over", async () => {
    await at(HOUR_MS + MINUTE_MS);
    await expect(puller.slot()).rejects.toMatchObject({ code: "OB001" });
  });
});

describe("the operator's wish", () => {
  test("makes a pull due at once, also one that failed, and calls it", async () => {
    await sql`update amocrm.cursors set next_attempt_at = ${noonPlus(HOUR_MS)}`;
    await at(MINUTE_MS);
    const [row] = await puller.sql`select amocrm_pull_request(null, false) as progress`;
    expect(row?.["progress"]).toMatchObject({ is_due: true, is_working: false, hindrance: null });
    expect(await postCount()).toBe(1);
    expect(await puller.begin()).toMatchObject({ outcome: "granted", pull: { entity: "contact" } });
  });

  test("is told what is in the way", async () => {
    await sql`select amocrm_pause('moving')`;
    const [row] = await puller.sql`select amocrm_pull_request(null, false) as progress`;
    expect(row?.["progress"]).toMatchObject({ hindrance: "Sending is paused: moving" });
    expect(await postCount()).toBe(0);
  });

  test("is not met by a run that began before it, since what it asks for may have changed behind that run's back", async () => {
    await at(HOUR_MS);
    const first = await puller.begin();
    await at(HOUR_MS + SECOND_MS);
    await puller.sql`select amocrm_pull_request(null, false)`;
    await at(HOUR_MS + 2 * SECOND_MS);
    await puller.finish(first.pull.id, noonPlus(HOUR_MS));
    const second = await puller.begin();
    expect(second).toMatchObject({ outcome: "granted", pull: { entity: first.pull.entity } });
    await puller.finish(second.pull.id, noonPlus(HOUR_MS + 2 * SECOND_MS));
    const next = await puller.begin();
    expect(next.pull.entity).not.toBe(first.pull.entity);
  });

  test("is followed by the next call at once while a run goes on", async () => {
    await at(HOUR_MS);
    const { pull } = await puller.begin();
    await puller.page(pull.id, []);
    expect(await puller.end(true)).toBe(true);
    expect(await postCount()).toBe(1);
  });
});
