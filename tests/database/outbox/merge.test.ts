import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, deliverAll, openDrainer } from "../support/drainer.ts";
import { insertLeads, messages } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
  await drainer.begin();
});

const EMAIL = "a@example.com";
const PHONE = "+77001112233";
const byEmail = { email: EMAIL };
const byPhone = { phone: PHONE };
const both = { email: EMAIL, phone: PHONE };
const peopleWithKeys = async () =>
  (await sql`select distinct person_id from amocrm.person_keys`).map((row) => row["person_id"]);
const waitingMerges = async () =>
  (await sql`select from amocrm.people where merging_into is not null`).length;

/** Both people are known and each has one message on its way, when the submission comes that joins them. */
async function joinInFlight() {
  await insertLeads(sql, [byEmail, byPhone]);
  const inFlight = await drainer.claim();
  expect(inFlight).toHaveLength(2);
  await insertLeads(sql, [both, byPhone]);
  expect(await drainer.claim()).toEqual([]);
  expect(await waitingMerges()).toBe(1);
  return inFlight.map(({ id }) => id) as [number, number];
}

describe("a merge of people with messages in flight", () => {
  test("waits until all of them have landed, then the rest goes out in order as one person", async () => {
    const [first, second] = await joinInFlight();
    await drainer.settle([{ id: second, verdict: "delivered", contact_id: 501 }]);
    expect(await drainer.claim()).toEqual([]);
    await drainer.settle([{ id: first, verdict: "delivered", contact_id: 501 }]);
    expect(await waitingMerges()).toBe(0);
    expect(await peopleWithKeys()).toHaveLength(1);
    expect((await deliverAll(drainer)).map(({ id, contactId }) => ({ id, contactId }))).toEqual([
      { id: 3, contactId: 501 },
      { id: 4, contactId: 501 },
    ]);
  });

  test("lets nothing be tried again before the other one has landed", async () => {
    const [first, second] = await joinInFlight();
    await drainer.settle([{ id: second, verdict: "retry", wait_ms: 0 }]);
    expect(await drainer.claim()).toEqual([]);
    await drainer.settle([{ id: first, verdict: "delivered", contact_id: 501 }]);
    expect(await drainer.claim()).toMatchObject([{ id: second, contactId: 501 }]);
  });

  test("is given up and listed when both came back with a contact of their own", async () => {
    const [first, second] = await joinInFlight();
    await drainer.settle([
      { id: first, verdict: "delivered", contact_id: 501 },
      { id: second, verdict: "delivered", contact_id: 502 },
    ]);
    expect(await waitingMerges()).toBe(0);
    expect(await peopleWithKeys()).toHaveLength(2);
    expect(await sql`select reason from amocrm_duplicates`).toHaveLength(1);
    // The later lead that names the phone alone is not left with the one whom it was to become.
    expect((await deliverAll(drainer)).map(({ id, contactId }) => ({ id, contactId }))).toEqual([
      { id: 3, contactId: 501 },
      { id: 4, contactId: 502 },
    ]);
  });

  test("waits for an uncertain message as well", async () => {
    const [first, second] = await joinInFlight();
    await drainer.markSent([second], "create");
    await drainer.settle([
      { id: first, verdict: "delivered", contact_id: 501 },
      { id: second, verdict: "uncertain", wait_ms: 60_000 },
    ]);
    expect(await drainer.claim()).toEqual([]);
    await setTestClock(noonPlus(60_000), sql, drainer.sql);
    await drainer.extend().catch(() => drainer.begin());
    const [resumed] = await drainer.claim();
    expect(resumed?.id).toBe(second);
    await drainer.settle([{ id: second, verdict: "delivered", contact_id: 501 }]);
    expect(await deliverAll(drainer)).toHaveLength(2);
    expect(await peopleWithKeys()).toHaveLength(1);
  });

  test("is finished when the messages were given back unsent, and only one of them goes at a time", async () => {
    await joinInFlight();
    await drainer.release([1, 2]);
    expect((await drainer.claim()).map(({ id }) => id)).toEqual([1]);
    expect(await waitingMerges()).toBe(0);
  });

  test("is finished when the worker died before anything was sent", async () => {
    await joinInFlight();
    await setTestClock(noonPlus(15_000), sql, drainer.sql);
    const next = openDrainer(database);
    await setTestClock(noonPlus(15_000), next.sql);
    expect(await next.begin()).toBe("granted");
    expect((await next.claim()).map(({ id }) => id)).toEqual([1]);
    await next.settle([{ id: 1, verdict: "delivered", contact_id: 501 }]);
    expect((await deliverAll(next)).map(({ id }) => id)).toEqual([2, 3, 4]);
  });

  test("is finished when a message of it is dead or cancelled", async () => {
    const [first, second] = await joinInFlight();
    await drainer.settle([{ id: first, verdict: "rejected", code: "bad" }]);
    await drainer.markSent([second], "create");
    await drainer.settle([{ id: second, verdict: "uncertain", wait_ms: 3_600_000 }]);
    expect(await drainer.claim()).toEqual([]);
    await sql`select amocrm_cancel(${second})`;
    expect((await deliverAll(drainer)).map(({ id }) => id)).toEqual([3, 4]);
    expect(await peopleWithKeys()).toHaveLength(1);
  });
});

describe("three people", () => {
  const OTHER_EMAIL = "b@example.com";

  test("who turn out to be one while messages are in flight end as one, and nothing is left behind", async () => {
    // 1: e-mail a, 2: phone, 3: e-mail b. Then the phone belongs to a, and the phone belongs to b.
    await insertLeads(sql, [byEmail, byPhone, { email: OTHER_EMAIL }]);
    const inFlight = await drainer.claim();
    expect(inFlight).toHaveLength(3);
    await insertLeads(sql, [
      both,
      { email: OTHER_EMAIL, phone: PHONE },
      byPhone,
      byEmail,
      { email: OTHER_EMAIL },
    ]);
    expect(await drainer.claim()).toEqual([]);
    for (const { id } of inFlight) await drainer.settle([{ id, verdict: "delivered", contact_id: 501 }]);
    expect((await deliverAll(drainer)).map(({ id }) => id).toSorted()).toEqual([4, 5, 6, 7, 8]);
    expect(await waitingMerges()).toBe(0);
    expect((await messages(sql)).filter(({ state }) => state !== "delivered")).toEqual([]);
    expect(await peopleWithKeys()).toHaveLength(1);
  });

  test("of whom one is in flight while the two others become one are one in the end", async () => {
    await insertLeads(sql, [{ email: OTHER_EMAIL }]);
    await deliverAll(drainer, { contact_id: 501 });
    await insertLeads(sql, [byPhone]);
    expect(await drainer.claim()).toHaveLength(1);
    // The phone waits to become the other e-mail's person, who becomes the e-mail's person right away.
    await insertLeads(sql, [{ email: OTHER_EMAIL, phone: PHONE }, byEmail, both]);
    expect(await drainer.claim()).toEqual([]);
    await drainer.settle([{ id: 2, verdict: "delivered", contact_id: 501 }]);
    const rest = await deliverAll(drainer, { contact_id: 501 });
    expect(rest.map(({ id, contactId }) => [id, contactId])).toEqual([
      [3, 501],
      [4, 501],
      [5, 501],
    ]);
    expect(await waitingMerges()).toBe(0);
    expect(await peopleWithKeys()).toHaveLength(1);
  });

  test("of whom one has waiting messages when a second merge cannot be marked lose no turn", async () => {
    // The e-mail's person waits to merge into another when a phone's person joins it.
    await insertLeads(sql, [{ phone: PHONE }, { email: OTHER_EMAIL }, { phone: "+77005556677" }]);
    expect(await drainer.claim()).toHaveLength(3);
    await insertLeads(sql, [{ phone: "+77005556677" }]);
    await insertLeads(sql, [
      { email: OTHER_EMAIL, phone: PHONE },
      { email: OTHER_EMAIL, phone: "+77005556677" },
    ]);
    await drainer.claim();
    await drainer.settle([1, 2, 3].map((id) => ({ id, verdict: "retry", wait_ms: 0 })));
    expect((await deliverAll(drainer)).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

test("a dead message of a merged person is sent as the merged person when it is requeued", async () => {
  await insertLeads(sql, [byPhone]);
  const [message] = await drainer.claim();
  await drainer.settle([{ id: message?.id ?? 0, verdict: "rejected", code: "bad" }]);
  await insertLeads(sql, [byEmail, both]);
  await sql`select amocrm.place('amocrm', 100)`;
  await sql`select amocrm_requeue(1)`;
  const delivered = [];
  for (;;) {
    const claimed = await drainer.claim();
    if (claimed.length === 0) break;
    // Never two messages of one person at the same time.
    expect(claimed).toHaveLength(1);
    await drainer.settle(claimed.map(({ id }) => ({ id, verdict: "delivered", contact_id: 501 })));
    delivered.push(...claimed);
  }
  expect(delivered.map(({ contactId }) => contactId)).toEqual([null, 501, 501]);
});
