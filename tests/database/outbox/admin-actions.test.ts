import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, messages, strangers } from "../support/leads.ts";
import { ADMIN, openDataApi } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database);
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
  await drainer.begin();
});

const claimedIds = async () => (await drainer.claim()).map(({ id }) => id);
const states = async () => (await messages(sql)).map(({ state }) => state);
/** Two messages of one person, the first of them dead. */
async function withDeadMessage() {
  await insertLeads(sql, [{ email: "a@example.com" }, { email: "a@example.com" }]);
  await drainer.claim();
  await drainer.settle([{ id: 1, verdict: "rejected", code: "bad", message: "no such stage" }]);
}

describe("amocrm_requeue", () => {
  test("tries a dead message again with all its attempts, and the same person's others still go one by one", async () => {
    await withDeadMessage();
    await sql`select amocrm_requeue(1)`;
    expect((await messages(sql))[0]).toMatchObject({
      state: "pending",
      attempt_count: 0,
      next_attempt_at: NOON,
    });
    const first = await claimedIds();
    expect(first).toHaveLength(1);
    await drainer.settle([{ id: first[0] ?? 0, verdict: "delivered" }]);
    expect([...first, ...(await claimedIds())].toSorted()).toEqual([1, 2]);
  });

  test("tries a waiting message now", async () => {
    await insertLeads(sql, strangers(1));
    await drainer.claim();
    await drainer.settle([{ id: 1, verdict: "retry", wait_ms: 3_600_000 }]);
    expect(await claimedIds()).toEqual([]);
    await sql`select amocrm_requeue(1)`;
    expect(await claimedIds()).toEqual([1]);
  });

  test("brings a cancelled message back, also one that was cancelled before it was placed", async () => {
    await insertLeads(sql, strangers(1));
    await sql`select amocrm_cancel(1)`;
    expect(await claimedIds()).toEqual([]);
    await sql`select amocrm_requeue(1)`;
    expect(await claimedIds()).toEqual([1]);
  });

  test("forgets the contact of a message that is placed anew, unless it has a deal there", async () => {
    await insertLeads(sql, strangers(2));
    await drainer.claim();
    await drainer.record([
      { id: 1, progress: {}, contact_id: 501 },
      { id: 2, progress: { deal: "created" }, contact_id: 502, deal_id: 602 },
    ]);
    await drainer.settle([1, 2].map((id) => ({ id, verdict: "rejected" })));
    await sql`select amocrm_requeue(1), amocrm_requeue(2)`;
    expect(await messages(sql)).toMatchObject([
      { amocrm_contact_id: null },
      { amocrm_contact_id: 502, amocrm_deal_id: 602 },
    ]);
  });

  test("never forgets that a request may have gone out", async () => {
    await insertLeads(sql, strangers(1));
    await drainer.claim();
    await drainer.markSent([1], "create");
    await drainer.settle([{ id: 1, verdict: "uncertain" }]);
    await sql`select amocrm_cancel(1)`;
    await sql`select amocrm_requeue(1)`;
    expect(await drainer.claim()).toMatchObject([{ id: 1, step: "create" }]);
  });

  test.each([
    { state: "leased", prepare: () => drainer.claim() },
    {
      state: "delivered",
      prepare: async () => {
        await drainer.claim();
        await drainer.settle([{ id: 1, verdict: "delivered" }]);
      },
    },
  ])("refuses a message that is $state", async ({ state, prepare }) => {
    await insertLeads(sql, strangers(1));
    await prepare();
    expect(await errorOf(sql`select amocrm_requeue(1)`)).toMatchObject({
      code: "22023",
      message: expect.stringContaining(`message 1 is ${state}`),
    });
    expect(await states()).toEqual([state]);
  });

  test("names a message that is not there", async () => {
    expect((await errorOf(sql`select amocrm_requeue(77)`)).message).toBe(
      "no message 77 in amocrm_outbox or message_outbox",
    );
  });
});

describe("amocrm_cancel", () => {
  test("takes a waiting message out for good, and the person's next one goes", async () => {
    await insertLeads(sql, [{ email: "a@example.com" }, { email: "a@example.com" }]);
    await drainer.claim();
    await drainer.settle([{ id: 1, verdict: "retry", wait_ms: 3_600_000 }]);
    await sql`select amocrm_cancel(1)`;
    expect((await messages(sql))[0]).toMatchObject({ state: "cancelled", last_error_code: "cancelled" });
    expect(await claimedIds()).toEqual([2]);
  });

  test("refuses a message that is on its way", async () => {
    await insertLeads(sql, strangers(1));
    await drainer.claim();
    expect((await errorOf(sql`select amocrm_cancel(1)`)).message).toContain("message 1 is leased");
  });
});

describe("amocrm_pause", () => {
  test("stops the drain at its next slot, and leads are still saved", async () => {
    await insertLeads(sql, strangers(1));
    await drainer.claim();
    await runAs(ADMIN, (admin) => admin`select amocrm_pause('moving to another account')`);
    expect(await drainer.slot()).toMatchObject({ granted: false, code: "paused" });
    await drainer.end();
    await insertLeads(sql, strangers(1));
    expect(await drainer.begin()).toBe("paused");
    await runAs(ADMIN, (admin) => admin`select amocrm_resume()`);
    await setTestClock(noonPlus(1), drainer.sql);
    expect(await drainer.begin()).toBe("granted");
    expect(await claimedIds()).toEqual([1]);
  });

  test("wants a reason", async () => {
    expect((await errorOf(sql`select amocrm_pause('  ')`)).message).toBe("p_reason is missing");
    expect((await errorOf(sql`select amocrm_pause(null)`)).message).toBe("p_reason is missing");
  });
});
