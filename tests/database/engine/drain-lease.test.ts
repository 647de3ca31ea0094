import { beforeEach, describe, expect, test } from "vitest";
import { after, NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, messages, strangers } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
beforeEach(() => setTestClock(NOON, sql));

async function openDrainerAt(date: Date) {
  const drainer = openDrainer(database);
  await setTestClock(date, drainer.sql);
  return drainer;
}

describe("of two drainers", () => {
  test("one is granted and the other is busy when both begin at once", async () => {
    for (let round = 0; round < 10; round++) {
      const drainers = [await openDrainerAt(NOON), await openDrainerAt(NOON), await openDrainerAt(NOON)];
      const outcomes = await Promise.all(drainers.map((drainer) => drainer.begin()));
      expect(outcomes.toSorted()).toEqual(["busy", "busy", "granted"]);
      for (const [index, outcome] of outcomes.entries())
        if (outcome === "granted") await drainers[index]?.end();
    }
  });

  test("the second takes over after 15 s without a sign of life, and the first is told by OB001", async () => {
    await insertLeads(sql, strangers(3));
    const first = await openDrainerAt(NOON);
    await first.begin();
    const [message] = await first.claim(1);
    const second = await openDrainerAt(after(14_999));
    expect(await second.begin()).toBe("busy");
    await setTestClock(after(15_000), second.sql);
    expect(await second.begin()).toBe("granted");

    await setTestClock(after(15_001), first.sql);
    for (const attempt of [first.claim(), first.extend(), first.markSent([message?.id ?? 0], "create")]) {
      expect(await errorOf(attempt)).toMatchObject({
        code: "OB001",
        message: "drain lease of queue amocrm is lost",
      });
    }
    expect(await first.slot()).toMatchObject({ granted: false, code: "lease_lost" });
  });

  test("the first changes nothing any more after the second took over", async () => {
    await insertLeads(sql, strangers(2));
    const first = await openDrainerAt(NOON);
    await first.begin();
    await first.claim();
    const second = await openDrainerAt(after(15_000));
    await second.begin();
    await second.claim();
    const before = await messages(sql);
    await setTestClock(after(15_001), first.sql);
    expect(await first.settle([{ id: 1, verdict: "delivered", contact_id: 501 }])).toEqual([]);
    expect(await first.record([{ id: 1, contact_id: 501, progress: { contact: true } }])).toEqual([]);
    expect(await first.release([1, 2])).toBe(0);
    await first.end();
    expect(await messages(sql)).toEqual(before);
    expect(await sql`select from amocrm.people where amocrm_contact_id is not null`).toHaveLength(0);
    expect(await sql`select from amocrm.links`).toHaveLength(0);
    await second.extend();
  });
});

describe("a drain lease", () => {
  test("is renewed by extend and by each slot", async () => {
    const drainer = await openDrainerAt(NOON);
    await drainer.begin();
    await setTestClock(after(10_000), drainer.sql);
    await drainer.extend();
    await setTestClock(after(20_000), drainer.sql);
    // The lease covers the wait for the slot as well.
    expect(await drainer.slot({ sinceDepartureMs: 0 })).toMatchObject({ granted: true, wait_ms: 2000 });
    const other = await openDrainerAt(after(36_999));
    expect(await other.begin()).toBe("busy");
    await setTestClock(after(37_000), other.sql);
    expect(await other.begin()).toBe("granted");
  });

  test("is free at once when its drain has ended, and what it still held is due again, unspent", async () => {
    await insertLeads(sql, strangers(2));
    const first = await openDrainerAt(NOON);
    await first.begin();
    await first.claim();
    expect(await first.end()).toBe(true);
    const second = await openDrainerAt(NOON);
    expect(await second.begin()).toBe("granted");
    expect((await second.claim()).map(({ attemptCount }) => attemptCount)).toEqual([0, 0]);
  });

  test("is not given while sending is paused or the breaker waits for its probe", async () => {
    const drainer = await openDrainerAt(NOON);
    await sql`select amocrm_pause('moving')`;
    expect(await drainer.begin()).toBe("paused");
    await sql`select amocrm_resume()`;
    await sql`select amocrm_breaker_open('blocked', 'amoCRM answered 403', 60, 300)`;
    expect(await drainer.begin()).toBe("breaker_open");
    await setTestClock(after(60_000), drainer.sql);
    expect(await drainer.begin()).toBe("granted");
  });

  test("brings everything that is configured", async () => {
    await sql`insert into amocrm_routes (source, pipeline_id) values ('*', 7)`;
    await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', 9)`;
    const pipelines = [
      { pipeline_id: 7, name: "Продажи", sort: 1, is_main: true, is_archive: false, stages: [] },
    ];
    await sql`select amocrm_store_pipelines(${JSON.stringify(pipelines)}::text::jsonb)`;
    const drainer = await openDrainerAt(NOON);
    const [row] = await drainer.sql`select amocrm_drain_begin(${drainer.token}) as answer`;
    expect(row?.["answer"]).toMatchObject({
      outcome: "granted",
      settings: { min_interval_ms: 2000, batch_size: 50 },
      routes: [{ source: "*", pipeline_id: 7, on_repeat: "note" }],
      stages: [],
      fields: [{ entity: "deal", path: "id", field_id: 9 }],
      pipelines: [{ pipeline_id: 7, name: "Продажи" }],
    });
  });
});

describe("the end of a drain", () => {
  test("tells that something is due when a message came while it lived", async () => {
    const drainer = await openDrainerAt(NOON);
    await drainer.begin();
    expect(await drainer.claim()).toEqual([]);
    await insertLeads(sql, strangers(1));
    expect(await drainer.end()).toBe(true);
  });

  test("waits for the queue's lock, so a message that was there before is never missed", async () => {
    const drainer = await openDrainerAt(NOON);
    await drainer.begin();
    const holder = database.connect();
    await holder.unsafe("begin; select from amocrm.queue_control where queue = 'amocrm' for update");
    const ended = drainer.end();
    await insertLeads(sql, strangers(1));
    await holder.unsafe("commit");
    expect(await ended).toBe(true);
  });
});
