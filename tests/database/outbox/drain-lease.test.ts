import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, messages, strangers } from "../support/leads.ts";
import { configureVault, queuedPosts } from "../support/vault.ts";

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
    const second = await openDrainerAt(noonPlus(14_999));
    expect(await second.begin()).toBe("busy");
    await setTestClock(noonPlus(15_000), second.sql);
    expect(await second.begin()).toBe("granted");

    await setTestClock(noonPlus(15_001), first.sql);
    for (const attempt of [first.claim(), first.extend(), first.markSent([message?.id ?? 0], "create")]) {
      expect(await errorOf(attempt)).toMatchObject({
        code: "OB001",
        message: "drain lease of queue amocrm is lost",
      });
    }
    expect(await first.slot()).toMatchObject({ granted: false, code: "lease_lost" });
  });

  test("one without a token has no lease, also where nobody has one", async () => {
    await insertLeads(sql, strangers(1));
    for (const call of ["claim('amocrm', null, 10)", "extend_drain('amocrm', null)"]) {
      expect(await errorOf(sql.unsafe(`select amocrm.${call}`))).toMatchObject({ code: "OB001" });
    }
    expect(await messages(sql)).toMatchObject([{ state: "pending" }]);
  });

  test("the first changes nothing any more after the second took over", async () => {
    await insertLeads(sql, strangers(2));
    const first = await openDrainerAt(NOON);
    await first.begin();
    await first.claim();
    const second = await openDrainerAt(noonPlus(15_000));
    await second.begin();
    await second.claim();
    const before = await messages(sql);
    await setTestClock(noonPlus(15_001), first.sql);
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
    await setTestClock(noonPlus(10_000), drainer.sql);
    await drainer.extend();
    await setTestClock(noonPlus(20_000), drainer.sql);
    // The lease covers the wait for the slot as well.
    expect(await drainer.slot({ sinceDepartureMs: 0 })).toMatchObject({ granted: true, wait_ms: 2000 });
    const other = await openDrainerAt(noonPlus(36_999));
    expect(await other.begin()).toBe("busy");
    await setTestClock(noonPlus(37_000), other.sql);
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
    await sql`select amocrm.open_breaker('amocrm', 'blocked', 'amoCRM answered 403', 60, 300)`;
    expect(await drainer.begin()).toBe("breaker_open");
    await setTestClock(noonPlus(60_000), drainer.sql);
    expect(await drainer.begin()).toBe("granted");
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

  test("is followed by a second look, for what was not committed yet when it ended", async () => {
    await configureVault(sql);
    const drainer = await openDrainerAt(NOON);
    await drainer.begin();
    const visitor = database.connect();
    await setTestClock(NOON, visitor);
    await visitor.unsafe("begin");
    await insertLeads(visitor, strangers(1));
    expect(await drainer.end()).toBe(false);
    await visitor.unsafe("commit");
    // The visitor saw a drain at work and rang no bell.
    expect(await queuedPosts(sql)).toEqual([]);
    expect(await drainer.lookAgain()).toBe(true);
    expect(await queuedPosts(sql)).toHaveLength(1);
  });
});
