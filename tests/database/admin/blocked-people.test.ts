import { beforeEach, expect, test } from "vitest";
import { MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { insertLeads, messages, strangers } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await setTestClock(NOON, sql, drainer.sql, superuser);
  await drainer.begin();
});

const blocked = async () => await sql`select * from amocrm_blocked_people`;
const ann = { email: "ann@example.com" };
/** Ann's first message ends so, with two behind it that came a minute later. */
async function block(result: Record<string, unknown>) {
  await insertLeads(sql, [ann]);
  await drainer.claim();
  if (result["verdict"] === "uncertain") await drainer.markSent([1], "create_deals");
  await drainer.settle([{ id: 1, verdict: "retry", wait_ms: 600_000, ...result }]);
  await setTestClock(noonPlus(MINUTE_MS), sql, drainer.sql);
  await drainer.begin();
  await insertLeads(sql, [ann, ann]);
  await drainer.claim();
}

test("names whose messages wait behind one that is tried again later, since when, why and how many", async () => {
  await block({ code: "server_error", message: "amoCRM failed" });
  expect(await blocked()).toMatchObject([
    {
      person_id: 1,
      stuck_id: 1,
      kind: "lead.created",
      state: "pending",
      reason: "server_error",
      explanation: expect.stringContaining("5xx"),
      stuck_since: NOON,
      next_attempt_at: noonPlus(600_000),
      waiting_count: 2,
      waiting_since: noonPlus(MINUTE_MS),
      remedy: expect.stringContaining("select amocrm_requeue(1)"),
    },
  ]);
});

test.each([
  { state: "uncertain", result: { verdict: "uncertain", code: "timeout" }, remedy: "looked for in amoCRM" },
  { state: "pending", result: { code: "no_route" }, remedy: "Add a row to amocrm_routes" },
])("tells what to do about one that is $state for $result.code", async ({ state, result, remedy }) => {
  await block(result);
  expect(await blocked()).toMatchObject([{ state, reason: result.code }]);
  expect((await blocked())[0]?.["remedy"]).toContain(remedy);
});

test("names a dead message only where its kind holds the others back", async () => {
  await block({ verdict: "rejected", code: "validation_failed" });
  expect(await blocked()).toEqual([]);
  await superuser`update amocrm.outbox set state = 'dead', is_head = false, lease_token = null, leased_at = null where id = 2`;
  await superuser`update amocrm.outbox set is_head = true where id = 1`;
  expect(await blocked()).toMatchObject([{ stuck_id: 1, state: "dead", waiting_count: 1 }]);
});

test("names both people of a merge that waits for a message on its way", async () => {
  await insertLeads(sql, [ann, { phone: "+77071234567" }, { phone: "+77071234567" }]);
  await drainer.claim(1);
  await insertLeads(sql, [{ ...ann, phone: "+77071234567" }]);
  await drainer.claim(0);
  await sql`select amocrm.place('amocrm', 100)`;
  expect(await blocked()).toMatchObject([{ stuck_id: null, reason: "merging", waiting_count: 2 }]);
});

test("says nothing of people whose turn simply has not come, and of those who wait for nobody", async () => {
  await insertLeads(sql, [ann, ann, ...strangers(2)]);
  await sql`select amocrm.place('amocrm', 100)`;
  expect((await messages(sql)).filter((message) => message.is_head)).toHaveLength(3);
  expect(await blocked()).toEqual([]);
});
