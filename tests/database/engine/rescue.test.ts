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

  test("a message that kills each worker after its request went out ends dead as well, and keeps its step", async () => {
    await insertLeads(sql, strangers(1));
    for (let death = 0; death < 3; death++) {
      const drainer = await nextDrainer();
      expect(await claimedIds(drainer)).toEqual([1]);
      await drainer.markSent([1], "create");
    }
    await nextDrainer();
    expect((await messages(sql))[0]).toMatchObject({
      state: "dead",
      step: "create",
      last_error_code: "worker_died",
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
