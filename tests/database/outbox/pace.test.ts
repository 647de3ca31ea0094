import { beforeEach, describe, expect, test } from "vitest";
import { MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";

const database = await useDatabase();
const { sql } = database;
let drainer = openDrainer(database);
const at = (ms: number) => setTestClock(noonPlus(ms), drainer.sql, sql);
beforeEach(async () => {
  drainer = openDrainer(database);
  await at(0);
  await drainer.begin();
});

/** A slot of a request outside of the drain, which needs no lease. */
const slot = (sinceDepartureMs?: number) =>
  drainer.slot({ withoutToken: true, ...(sinceDepartureMs !== undefined && { sinceDepartureMs }) });

describe("slots", () => {
  test("of many sessions at once are one interval apart, whoever asks", async () => {
    await sql`update amocrm_settings set min_interval_ms = 200`;
    const sessions = Array.from({ length: 5 }, () => openDrainer(database));
    for (const session of sessions) await setTestClock(NOON, session.sql);
    const slots = await Promise.all(
      Array.from({ length: 40 }, (_, index) => sessions[index % 5]?.slot({ withoutToken: true })),
    );
    expect(
      slots.map((granted) => granted?.wait_ms).toSorted((one, other) => Number(one) - Number(other)),
    ).toEqual(Array.from({ length: 40 }, (_, index) => index * 200));
  });

  test("of sessions on the real clock are never closer than the interval", async () => {
    await sql`update amocrm_settings set min_interval_ms = 150`;
    const lastSlot = async (): Promise<Date> =>
      (await sql`select last_slot_at from amocrm.queue_control where queue = 'amocrm'`)[0]?.["last_slot_at"];
    const sessions = Array.from({ length: 4 }, () => openDrainer(database));
    await sessions[0]?.slot({ withoutToken: true });
    const first = await lastSlot();
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => sessions[index % 4]?.slot({ withoutToken: true })),
    );
    // Forty further slots take at least forty intervals; had two shared one, the last would be nearer.
    expect((await lastSlot()).getTime() - first.getTime()).toBeGreaterThanOrEqual(40 * 150);
  });

  test("count from the departure of the last request, if that was later than its slot", async () => {
    expect(await slot()).toMatchObject({ granted: true, wait_ms: 0 });
    await at(2500);
    expect(await slot(100)).toMatchObject({ wait_ms: 1900 });
  });

  test("count from the last slot, if that was later than the departure", async () => {
    await slot();
    await at(500);
    expect(await slot(2500)).toMatchObject({ wait_ms: 1500 });
  });

  test("are due at once after a long silence, one by one", async () => {
    await slot();
    await at(60_000);
    expect(await slot()).toMatchObject({ wait_ms: 0 });
    expect(await slot()).toMatchObject({ wait_ms: 2000 });
  });

  test("follow a change of the interval at the next one", async () => {
    await slot();
    await sql`update amocrm_settings set min_interval_ms = 5000`;
    expect(await slot()).toMatchObject({ wait_ms: 5000, interval_ms: 5000 });
    await sql`update amocrm_settings set min_interval_ms = 500`;
    expect(await slot()).toMatchObject({ wait_ms: 5500, interval_ms: 500 });
  });

  test("that are further away than the call may last are not taken", async () => {
    await slot();
    expect(await drainer.slot({ maxWaitMs: 1999 })).toMatchObject({
      granted: false,
      code: "wait_too_long",
      wait_ms: 2000,
    });
    expect(await drainer.slot({ maxWaitMs: 2000 })).toMatchObject({ granted: true, wait_ms: 2000 });
  });

  test("are not given while sending is paused", async () => {
    await sql`select amocrm_pause('moving')`;
    expect(await slot()).toMatchObject({
      granted: false,
      code: "paused",
      message: "Sending is paused: moving",
    });
  });

  test("never come faster than amoCRM allows, whatever somebody sets", async () => {
    expect((await errorOf(sql`update amocrm_settings set min_interval_ms = 100`)).constraint_name).toBe(
      "min_interval_keeps_amocrms_limit",
    );
  });
});

describe("after a 429", () => {
  test("the next slot waits as told, and the interval is half as long again", async () => {
    await slot();
    await sql`select amocrm.slow_down('amocrm', 2000, 7000, '429')`;
    expect(await slot()).toMatchObject({ wait_ms: 7000, interval_ms: 3000 });
    expect(await slot()).toMatchObject({ wait_ms: 10_000, interval_ms: 3000 });
  });

  test("a further one slows down more, up to the ten seconds that a drain waits for a slot", async () => {
    for (const interval of [3000, 4500, 6750]) {
      await sql`select amocrm.slow_down('amocrm', 2000, 0, '429')`;
      expect(await slot()).toMatchObject({ interval_ms: interval });
    }
    for (let count = 0; count < 20; count++) await sql`select amocrm.slow_down('amocrm', 2000, 0, '429')`;
    expect(await slot()).toMatchObject({ interval_ms: 10_000 });
  });

  test("the interval creeps back by 5 % a minute to what is set", async () => {
    await sql`select amocrm.slow_down('amocrm', 2000, 0, '429')`;
    const seen = [];
    for (const minutes of [0, 1, 2, 5, 8, 60, 60 * 24 * 365]) {
      await at(minutes * MINUTE_MS);
      seen.push((await slot()).interval_ms);
    }
    expect(seen).toEqual([3000, 2850, 2708, 2321, 2000, 2000, 2000]);
  });

  test("a clock that was set back makes it no slower", async () => {
    await sql`select amocrm.slow_down('amocrm', 2000, 0, '429')`;
    await at(-60 * 24 * MINUTE_MS);
    expect((await slot()).interval_ms).toBe(3000);
  });

  test("a shorter wait does not take back a longer one", async () => {
    await sql`select amocrm.slow_down('amocrm', 2000, 30000, '429')`;
    await sql`select amocrm.slow_down('amocrm', 2000, 1000, '429')`;
    expect((await slot()).wait_ms).toBe(30_000);
  });
});

describe("the breaker", () => {
  const open = () => sql`select amocrm.open_breaker('amocrm', 'blocked', 'amoCRM answered 403', 60, 300)`;

  test("lets nothing through until the probe is due, then exactly one", async () => {
    await open();
    expect(await slot()).toMatchObject({ granted: false, code: "breaker_open", wait_ms: 60_000 });
    await at(59_999);
    expect(await slot()).toMatchObject({ granted: false });
    await at(60_000);
    expect(await slot()).toMatchObject({ granted: true, is_probe: true });
    expect(await slot()).toMatchObject({ granted: false, code: "breaker_open" });
  });

  test("doubles its wait with each failed probe, up to the maximum", async () => {
    await open();
    const waits = [];
    let now = 60_000;
    for (let probe = 0; probe < 4; probe++) {
      await at(now);
      expect(await slot()).toMatchObject({ is_probe: true });
      await open();
      const { wait_ms } = await slot();
      waits.push(wait_ms);
      now += wait_ms ?? 0;
    }
    expect(waits).toEqual([120_000, 240_000, 300_000, 300_000]);
  });

  test("takes several refusals at once for one", async () => {
    await open();
    await open();
    await open();
    expect(await slot()).toMatchObject({ wait_ms: 60_000 });
  });

  test("closes when a probe was answered, and the pace goes on", async () => {
    await open();
    await at(60_000);
    await slot();
    await sql`select amocrm_breaker_close()`;
    expect(await slot()).toMatchObject({ granted: true, is_probe: false, wait_ms: 2000 });
    await open();
    expect(await slot()).toMatchObject({ granted: false, wait_ms: 60_000 });
  });

  test("probes at once after amocrm_resume", async () => {
    await open();
    await sql`select amocrm_resume()`;
    expect(await slot()).toMatchObject({ granted: true, is_probe: true });
  });
});
