import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer, type Result } from "../support/drainer.ts";
import { insertLeads, messages, strangers } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
  await drainer.begin();
});

/** One person's two messages, the first of them claimed. */
async function claimFirstOfTwo() {
  await insertLeads(sql, [{ email: "a@example.com" }, { email: "a@example.com" }]);
  await drainer.claim();
}
const settle = (result: Partial<Result>) => drainer.settle([{ id: 1, verdict: "delivered", ...result }]);
const message = async (id = 1) => (await messages(sql)).find((row) => row.id === id);
const claimedIds = async () => (await drainer.claim()).map(({ id }) => id);

describe("a settled message", () => {
  test("that is sent again is looked for anew, however often it was looked for before", async () => {
    await claimFirstOfTwo();
    await drainer.markSent([1], "create");
    await settle({ verdict: "uncertain", wait_ms: 0, progress: { contactUpdated: true, lookCount: 3 } });
    await drainer.claim();
    expect((await message())?.progress).toEqual({ contactUpdated: true, lookCount: 3 });
    await drainer.markSent([1], "create");
    expect((await message())?.progress).toEqual({ contactUpdated: true });
  });

  test("that was delivered keeps ids, progress and warnings, and lets the next one go", async () => {
    await claimFirstOfTwo();
    await drainer.record([{ id: 1, progress: { contact: 501 }, contact_id: 501 }]);
    const warning = { code: "field_refused", message: "The value did not fit" };
    expect(
      await settle({ contact_id: 501, deal_id: 601, progress: { deal: 601 }, warnings: [warning] }),
    ).toEqual([1]);
    expect(await message()).toMatchObject({
      state: "delivered",
      delivered_at: NOON,
      lease_token: null,
      is_head: false,
      attempt_count: 1,
      amocrm_contact_id: 501,
      amocrm_deal_id: 601,
      progress: { contact: 501, deal: 601 },
      warnings: [warning],
    });
    expect(await claimedIds()).toEqual([2]);
  });

  test("that is to be tried again spends an attempt, waits, and holds back the same person", async () => {
    await claimFirstOfTwo();
    await settle({ verdict: "retry", wait_ms: 5000, code: "http_500", message: "amoCRM answered 500" });
    expect(await message()).toMatchObject({
      state: "pending",
      attempt_count: 1,
      next_attempt_at: noonPlus(5000),
      last_error_code: "http_500",
      last_error_message: "amoCRM answered 500",
    });
    expect(await claimedIds()).toEqual([]);
    await setTestClock(noonPlus(5000), drainer.sql);
    expect(await claimedIds()).toEqual([1]);
  });

  test("that amoCRM refused for now has nothing outstanding any more", async () => {
    await claimFirstOfTwo();
    await drainer.markSent([1], "create");
    await settle({ verdict: "retry", code: "http_429", spends_attempt: false });
    expect(await message()).toMatchObject({ state: "pending", step: null });
  });

  test("forgets its error when it is delivered in the end", async () => {
    await claimFirstOfTwo();
    await settle({ verdict: "retry", wait_ms: 0, code: "http_500", message: "amoCRM answered 500" });
    await drainer.claim();
    await settle({});
    expect(await message()).toMatchObject({
      state: "delivered",
      last_error_code: null,
      last_error_message: null,
    });
  });

  test("that was innocent gets its attempt back, however often", async () => {
    await sql`update amocrm_settings set max_attempts = 2`;
    await claimFirstOfTwo();
    for (let round = 0; round < 5; round++) {
      await settle({ verdict: "blocked", spends_attempt: false, wait_ms: 0, code: "http_429" });
      expect(await message()).toMatchObject({ state: "pending", attempt_count: 0 });
      expect(await claimedIds()).toEqual([1]);
    }
  });

  test("is dead when its attempts are spent, keeps the reason, and does not hold the person back", async () => {
    await sql`update amocrm_settings set max_attempts = 3`;
    await claimFirstOfTwo();
    for (const state of ["pending", "pending", "dead"]) {
      await settle({ verdict: "retry", wait_ms: 0, code: "http_500", message: "amoCRM answered 500" });
      expect((await message())?.state).toBe(state);
      if (state === "pending") expect(await claimedIds()).toEqual([1]);
    }
    expect(await message()).toMatchObject({ attempt_count: 3, last_error_code: "http_500", is_head: false });
    expect(await claimedIds()).toEqual([2]);
  });

  test("that was rejected is dead at once", async () => {
    await claimFirstOfTwo();
    await settle({ verdict: "rejected", code: "status_unknown", message: "status_id: no such stage" });
    expect(await message()).toMatchObject({ state: "dead", last_error_message: "status_id: no such stage" });
    expect(await claimedIds()).toEqual([2]);
  });

  test("that is dead holds the person back when its kind says so, until it is requeued or cancelled", async () => {
    await sql`update amocrm.kinds set holds_when_dead = true where kind = 'lead.created'`;
    try {
      await claimFirstOfTwo();
      await settle({ verdict: "rejected", code: "bad" });
      expect(await claimedIds()).toEqual([]);
      await sql`select amocrm_cancel(1)`;
      expect(await claimedIds()).toEqual([2]);
    } finally {
      await sql`update amocrm.kinds set holds_when_dead = false`;
    }
  });

  test("that is uncertain keeps its step, is due for a look-up, and holds the person back", async () => {
    await claimFirstOfTwo();
    expect(await drainer.markSent([1], "create")).toEqual([1]);
    await settle({ verdict: "uncertain", wait_ms: 30_000, code: "timeout" });
    expect(await message()).toMatchObject({
      state: "uncertain",
      step: "create",
      sent_at: NOON,
      is_head: true,
    });
    expect(await claimedIds()).toEqual([]);
    await setTestClock(noonPlus(30_000), drainer.sql);
    await drainer.begin();
    expect(await drainer.claim()).toMatchObject([{ id: 1, step: "create" }]);
  });

  test("that was superseded is over", async () => {
    await claimFirstOfTwo();
    await settle({ verdict: "superseded" });
    expect(await message()).toMatchObject({ state: "superseded", is_head: false });
    expect(await claimedIds()).toEqual([2]);
  });

  test("lists the duplicates that were found on the way", async () => {
    await claimFirstOfTwo();
    await settle({ duplicates: [{ type: "contact", kept_id: 501, other_id: 502, reason: "same phone" }] });
    expect(await sql`select type, kept_id, other_id, outbox_id from amocrm_duplicates`).toEqual([
      { type: "contact", kept_id: 501, other_id: 502, outbox_id: 1 },
    ]);
  });
});

describe("a batch", () => {
  test("is settled in one call, each message by its own verdict", async () => {
    await insertLeads(sql, strangers(5));
    await drainer.claim();
    await drainer.markSent([4], "create");
    const verdicts = ["delivered", "retry", "rejected", "uncertain", "blocked"] as const;
    const settled = await drainer.settle(verdicts.map((verdict, index) => ({ id: index + 1, verdict })));
    expect(settled.toSorted()).toEqual([1, 2, 3, 4, 5]);
    expect((await messages(sql)).map(({ state }) => state)).toEqual([
      "delivered",
      "pending",
      "dead",
      "uncertain",
      "pending",
    ]);
  });

  test("tells which messages were settled, and leaves alone those that are not leased by it", async () => {
    await insertLeads(sql, strangers(3));
    await drainer.claim(2);
    await drainer.settle([{ id: 1, verdict: "retry", wait_ms: 1000 }]);
    const settled = await drainer.settle([1, 2, 3, 99].map((id) => ({ id, verdict: "delivered" })));
    expect(settled).toEqual([2]);
    expect((await messages(sql)).map(({ state }) => state)).toEqual(["pending", "delivered", "pending"]);
  });
});

describe("recorded progress", () => {
  test("ends the step, and a crash afterwards repeats nothing", async () => {
    await claimFirstOfTwo();
    await drainer.markSent([1], "create");
    expect(await drainer.record([{ id: 1, progress: { deal: 601 }, contact_id: 501, deal_id: 601 }])).toEqual(
      [1],
    );
    expect(await message()).toMatchObject({ state: "leased", step: null, progress: { deal: 601 } });
    await setTestClock(noonPlus(15_000), drainer.sql);
    const next = openDrainer(database);
    await setTestClock(noonPlus(15_000), next.sql);
    await next.begin();
    expect(await next.claim()).toMatchObject([
      { id: 1, contactId: 501, dealId: 601, progress: { deal: 601 }, step: null },
    ]);
  });

  test("gives the person its contact at once, and drops one that was deleted in amoCRM", async () => {
    await claimFirstOfTwo();
    const contact = async () => (await sql`select amocrm_contact_id as id from amocrm.people`)[0]?.["id"];
    await drainer.record([{ id: 1, contact_id: 501 }]);
    expect(await contact()).toBe(501);
    await drainer.record([{ id: 1, drops_contact: true }]);
    expect(await contact()).toBeNull();
    expect((await message())?.amocrm_contact_id).toBeNull();
  });

  test("release gives a message back without spending an attempt, but never forgets what was sent", async () => {
    await insertLeads(sql, strangers(2));
    await drainer.claim();
    await drainer.markSent([2], "create");
    expect(await drainer.release([1, 2])).toBe(2);
    expect(await messages(sql)).toMatchObject([
      { state: "pending", attempt_count: 0, step: null },
      { state: "uncertain", attempt_count: 0, step: "create" },
    ]);
  });
});
