import { beforeEach, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, NOON, noonPlus, SECOND_MS, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { insertLeads, strangers } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: Drainer;
const at = (ms: number) => setTestClock(noonPlus(ms), sql, drainer.sql);
beforeEach(async () => {
  drainer = openDrainer(database);
  await at(0);
  await drainer.begin();
});

const throughput = async (hour: Date, kind = "*") =>
  (await sql`select * from amocrm_throughput where hour = ${hour} and kind = ${kind}`)[0];

async function logRequests(count: number, httpStatus: number) {
  const requests = Array.from({ length: count }, () => ({
    ago_ms: 0,
    method: "GET",
    path: "/api/v4/contacts",
    http_status: httpStatus,
    verdict: httpStatus === 200 ? "delivered" : "retry",
    duration_ms: 100,
    waited_ms: 0,
    item_count: 1,
    message_ids: [1],
  }));
  await drainer.sql`select amocrm_log_requests('amocrm-drain', ${JSON.stringify(requests)}::text::jsonb)`;
}

test("tells per hour and kind what came, was delivered and died, and how long live leads took", async () => {
  await insertLeads(sql, strangers(4));
  await sql`insert into tripwire_users (email) values ('s@example.com')`;
  for (const [id, seconds] of [
    [1, 10],
    [2, 20],
    [3, 300],
  ] as const) {
    await drainer.begin();
    await at(seconds * SECOND_MS);
    await drainer.begin();
    await drainer.claim(1);
    await drainer.settle([{ id, verdict: "delivered" }]);
    await drainer.end();
  }
  await drainer.begin();
  await drainer.claim(1);
  await drainer.settle([{ id: 4, verdict: "rejected", code: "validation_failed" }]);
  expect(await throughput(NOON)).toMatchObject({
    inserted_count: 5,
    delivered_count: 3,
    dead_count: 1,
    delay_median_seconds: "20.0",
    delay_95_seconds: "272.0",
    delay_longest_seconds: "300.0",
  });
  expect(await throughput(NOON, "lead.created")).toMatchObject({
    inserted_count: 4,
    delivered_count: 3,
    dead_count: 1,
    request_count: null,
  });
  expect(await throughput(NOON, "student.created")).toMatchObject({ inserted_count: 1, delivered_count: 0 });
});

test("tells requests, 429s and the share of the slots that were used", async () => {
  await at(10 * MINUTE_MS);
  await logRequests(298, 200);
  await logRequests(2, 429);
  // Ten minutes have 300 slots of two seconds.
  expect(await throughput(NOON)).toMatchObject({
    request_count: 300,
    rate_limited_count: 2,
    slot_share: "1.000",
  });
  await at(HOUR_MS);
  expect(await throughput(NOON)).toMatchObject({ slot_share: "0.167" });
  expect(await throughput(noonPlus(HOUR_MS))).toMatchObject({ request_count: 0, slot_share: "0.000" });
});

test("tells when the backlog will be done at the pace in force, and nothing while sending is stopped", async () => {
  expect(await throughput(NOON)).toMatchObject({ waiting_count: 0, done_at: null });
  await insertLeads(sql, strangers(120));
  // Three batches of fifty, with three requests each, every two seconds.
  expect(await throughput(NOON)).toMatchObject({ waiting_count: 120, done_at: noonPlus(18 * SECOND_MS) });
  await sql`select amocrm_pause('a break')`;
  expect(await throughput(NOON)).toMatchObject({ waiting_count: 120, done_at: null });
});

test("reads the last 48 hours and nothing older", async () => {
  await insertLeads(sql, strangers(1));
  await at(47 * HOUR_MS);
  expect(await throughput(NOON)).toMatchObject({ inserted_count: 1 });
  await at(48 * HOUR_MS);
  expect(await throughput(NOON)).toBeUndefined();
});
