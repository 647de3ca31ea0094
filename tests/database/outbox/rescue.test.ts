import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { insertLeads, messages, strangers } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
beforeEach(() => setTestClock(NOON, sql));

let deaths = 0;
beforeEach(() => {
  deaths = 0;
});

/** The next drainer, after the one before died without a word: it begins when the lease of 15 s is over. */
async function nextDrainer(): Promise<Drainer> {
  const drainer = openDrainer(database);
  await setTestClock(noonPlus(deaths++ * 15_000), sql, drainer.sql);
  expect(await drainer.begin()).toBe("granted");
  return drainer;
}
const claimedIds = async (drainer: Drainer) => (await drainer.claim()).map(({ id }) => id);

describe("after the death of a worker", () => {
  test("a message that was not sent is pending again and has spent nothing", async () => {
    await insertLeads(sql, strangers(2));
    await (await nextDrainer()).claim();
    await nextDrainer();
    expect(await messages(sql)).toMatchObject(
      [1, 2].map((id) => ({
        id,
        state: "pending",
        attempt_count: 0,
        crash_count: 1,
        last_error_code: "worker_died",
      })),
    );
  });

  test("a message whose answer is missing is uncertain, names its request, and has spent an attempt", async () => {
    await insertLeads(sql, strangers(2));
    const first = await nextDrainer();
    await first.claim();
    await first.markSent([2], "create");
    const second = await nextDrainer();
    expect((await messages(sql))[1]).toMatchObject({
      state: "uncertain",
      step: "create",
      attempt_count: 1,
      last_error_message: expect.stringContaining("create"),
    });
    expect(await second.claim()).toMatchObject([
      { id: 1, step: null },
      { id: 2, step: "create" },
    ]);
  });

  test("for the second time its messages go alone, one after the other, and an innocent one is cleared by it", async () => {
    await insertLeads(sql, strangers(3));
    for (let death = 0; death < 2; death++) expect(await claimedIds(await nextDrainer())).toEqual([1, 2, 3]);
    const third = await nextDrainer();
    for (const id of [1, 2, 3]) {
      expect(await claimedIds(third)).toEqual([id]);
      await third.settle([{ id, verdict: "delivered" }]);
    }
  });

  test("for the third time alone with a message, that one is dead, and everybody else goes on", async () => {
    await insertLeads(sql, [
      { email: "poison@example.com" },
      { email: "poison@example.com" },
      ...strangers(1),
    ]);
    for (let death = 0; death < 2; death++) expect(await claimedIds(await nextDrainer())).toEqual([1, 3]);
    expect(await claimedIds(await nextDrainer())).toEqual([1]);
    const fourth = await nextDrainer();
    expect(await claimedIds(fourth)).toEqual([3]);
    await fourth.settle([{ id: 3, verdict: "delivered" }]);
    expect(await claimedIds(fourth)).toEqual([1]);
    expect(await claimedIds(await nextDrainer())).toEqual([1]);
    const last = await nextDrainer();
    expect((await messages(sql))[0]).toMatchObject({
      state: "dead",
      last_error_code: "worker_died",
      attempt_count: 0,
    });
    expect(await claimedIds(last)).toEqual([2]);
  });

  test("in company a message is never taken for the poison, however often", async () => {
    await insertLeads(sql, strangers(2));
    for (let death = 0; death < 6; death++) {
      const drainer = await nextDrainer();
      // Somebody lifts the suspicion each time, so that both go together.
      await sql`update amocrm.outbox set goes_alone = false`;
      expect(await claimedIds(drainer)).toEqual([1, 2]);
    }
    await nextDrainer();
    expect((await messages(sql)).map(({ state }) => state)).toEqual(["pending", "pending"]);
  });

  describe("for the third time alone with a message whose request is unanswered", () => {
    /** Three workers die, each after the request went out. */
    async function killThrice(): Promise<Drainer> {
      await insertLeads(sql, strangers(1));
      for (let death = 0; death < 3; death++) {
        const drainer = await nextDrainer();
        expect(await claimedIds(drainer)).toEqual([1]);
        await drainer.markSent([1], "create");
      }
      return nextDrainer();
    }

    test("it stays uncertain and is claimed after a minute, as poison: to be looked for and not sent again", async () => {
      const drainer = await killThrice();
      expect((await messages(sql))[0]).toMatchObject({
        state: "uncertain",
        step: "create",
        attempt_count: 3,
        last_error_code: "worker_died_unanswered",
        next_attempt_at: noonPlus(45_000 + 60_000),
      });
      expect(await claimedIds(drainer)).toEqual([]);
      await setTestClock(noonPlus(105_000), drainer.sql);
      await drainer.begin();
      expect(await drainer.claim()).toMatchObject([{ id: 1, step: "create", isPoison: true }]);
    });

    test("it waits longer after each further death, spends no attempt with a look, and is dead after ten, with its step", async () => {
      await killThrice();
      let now = 45_000;
      const waits: number[] = [];
      for (let death = 4; death <= 10; death++) {
        const [row] = await messages(sql);
        waits.push(Number(row?.next_attempt_at) - Number(noonPlus(now)));
        now += (waits.at(-1) ?? 0) + 15_000;
        const drainer = openDrainer(database);
        await setTestClock(noonPlus(now), sql, drainer.sql);
        await drainer.begin();
        expect(await claimedIds(drainer)).toEqual([1]);
        now += 15_000;
        const next = openDrainer(database);
        await setTestClock(noonPlus(now), sql, next.sql);
        await next.begin();
      }
      expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60].map((minutes) => minutes * 60_000));
      expect((await messages(sql))[0]).toMatchObject({
        state: "dead",
        step: "create",
        attempt_count: 3,
        last_error_code: "worker_died_unanswered",
      });
      await sql`select amocrm_requeue(1)`;
      const drainer = openDrainer(database);
      await setTestClock(noonPlus(now + 15_000), sql, drainer.sql);
      await drainer.begin();
      expect(await drainer.claim()).toMatchObject([{ id: 1, step: "create", isPoison: false }]);
    });

    test("it goes dead when a look has decided that nothing is outstanding", async () => {
      await killThrice();
      const drainer = openDrainer(database);
      await setTestClock(noonPlus(120_000), sql, drainer.sql);
      await drainer.begin();
      expect(await claimedIds(drainer)).toEqual([1]);
      await drainer.settle([{ id: 1, verdict: "rejected", policy: "*", code: "worker_died" }]);
      expect((await messages(sql))[0]).toMatchObject({
        state: "dead",
        step: null,
        last_error_code: "worker_died",
      });
    });
  });
});

test("a living drain's messages are not touched by a competitor that is busy", async () => {
  await insertLeads(sql, strangers(2));
  const drainer = await nextDrainer();
  await drainer.claim();
  const other = openDrainer(database);
  await setTestClock(noonPlus(1000), other.sql);
  expect(await other.begin()).toBe("busy");
  expect((await messages(sql)).map(({ state }) => state)).toEqual(["leased", "leased"]);
});
