import { beforeEach, expect, test } from "vitest";
import { HOUR_MS, noonPlus, SECOND_MS, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { insertLeads, strangers } from "../support/leads.ts";
import { openPuller } from "../support/puller.ts";

const database = await useDatabase();
const { sql } = database;
const drainer = openDrainer(database);
const puller = openPuller(database);
const at = (ms: number) => setTestClock(noonPlus(ms), sql, drainer.sql, puller.sql);
beforeEach(async () => {
  await at(0);
  await sql`insert into amocrm_routes (source) values ('*')`;
});
const isDue = async () => (await sql`select amocrm.is_due('amocrm') as is_due`)[0]?.["is_due"];

test("a clock that is set back by an hour stops neither slots, leases, waits nor what the mirror vouches for", async () => {
  await insertLeads(sql, strangers(2));
  await sql`update amocrm.cursors set changed_until = ${noonPlus(-5 * SECOND_MS)} where entity = 'contact'`;
  await sql`select amocrm_tick()`;
  await drainer.begin();
  await drainer.slot();
  const claimed = await drainer.claim();
  await drainer.settle(claimed.map(({ id }) => ({ id, verdict: "retry", wait_ms: 20_000 })));
  await at(-HOUR_MS);
  await sql`select amocrm_tick()`;
  // The drain that is at work holds its lease still, and the next slot is as far away as it was.
  expect(await drainer.slot()).toMatchObject({ granted: true, wait_ms: 2000 });
  await drainer.end();
  expect(
    (await sql`select changed_until as at from amocrm.cursors where entity = 'contact'`)[0]?.["at"],
  ).toEqual(noonPlus(-HOUR_MS - 5 * SECOND_MS));
  expect(await isDue()).toBe(false);
  await at(-HOUR_MS + 21 * SECOND_MS);
  expect(await isDue()).toBe(true);
  expect(
    await sql`select amocrm.has_slot_soon(queue_control) as soon from amocrm.queue_control where queue = 'amocrm'`,
  ).toEqual([{ soon: true }]);
  expect(await drainer.begin()).toBe("granted");
});

test("a clock that runs on, or is set back by seconds, changes nothing", async () => {
  await sql`update amocrm.cursors set changed_until = ${noonPlus(0)} where entity = 'contact'`;
  for (const ms of [0, 10, 5, -40, HOUR_MS / SECOND_MS]) {
    await at(ms * SECOND_MS);
    await sql`select amocrm_tick()`;
  }
  expect(await sql`select set_back_at from amocrm.clock_watch`).toEqual([{ set_back_at: null }]);
  expect(
    (await sql`select changed_until as at from amocrm.cursors where entity = 'contact'`)[0]?.["at"],
  ).toEqual(noonPlus(0));
});

test("a route that is saved takes the queue's lock before it touches messages that wait for one", async () => {
  await sql`delete from amocrm_routes where true`;
  await insertLeads(sql, strangers(1));
  await drainer.begin();
  const [claimed] = await drainer.claim();
  await drainer.settle([
    { id: claimed?.id ?? 0, verdict: "retry", code: "no_route", message: "none", wait_ms: 60_000 },
  ]);
  const operator = database.connect();
  await setTestClock(noonPlus(0), operator);
  await operator`set lock_timeout = '200ms'`;
  // A drain holds the lock, and has not come to the message yet.
  const holder = database.connect();
  await holder`begin`;
  await holder`select amocrm.lock_queue('amocrm')`;
  await expect(operator`insert into amocrm_routes (source) values ('*')`).rejects.toMatchObject({
    code: "55P03",
  });
  // It holds nothing of the message: the drain goes on.
  await holder`update amocrm.outbox set payload = payload where queue = 'amocrm'`;
  await holder`commit`;
  await operator`insert into amocrm_routes (source) values ('*')`;
  expect(await isDue()).toBe(true);
});

test("placing all places what was there when it began", async () => {
  await insertLeads(sql, strangers(3));
  const [row] = await sql`select min(id)::int as first from amocrm.outbox where is_fresh`;
  const first = Number(row?.["first"]);
  expect(await sql`select amocrm.place('amocrm', 1000, ${first + 1}) as placed`).toEqual([{ placed: 2 }]);
  expect(await sql`select count(*)::int as count from amocrm.outbox where is_fresh`).toEqual([{ count: 1 }]);
  await sql`select amocrm.place_all('amocrm')`;
  expect(await sql`select count(*)::int as count from amocrm.outbox where is_fresh`).toEqual([{ count: 0 }]);
});
