import { beforeEach, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { insertLeads, strangers } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
let drainer: Drainer;
const at = (ms: number) => setTestClock(noonPlus(ms), sql, drainer.sql, superuser);
beforeEach(async () => {
  drainer = openDrainer(database);
  await at(0);
  await superuser`update amocrm.installation set installed_at = amocrm.clock() - interval '2 days'`;
  await drainer.begin();
});

const buckets = async (subject: string) =>
  Object.fromEntries(
    (
      await sql<
        { bucket: string; count: number }[]
      >`select bucket, row_count as count from amocrm_reconciliation where subject = ${subject}`
    ).map(({ bucket, count }) => [bucket, count]),
  );
/** A lead that is in no bucket of messages: it never had one. */
async function insertWithoutMessage(email: string, createdAt: Date) {
  await superuser`alter table unified_lead_tracking disable trigger amocrm_500_enqueue`;
  await superuser`insert into unified_lead_tracking (email, created_at) values (${email}, ${createdAt})`;
  await superuser`alter table unified_lead_tracking enable trigger amocrm_500_enqueue`;
}

test("puts every lead into exactly one bucket, and the buckets add up", async () => {
  await insertLeads(sql, strangers(10));
  await drainer.claim();
  await drainer.markSent([7], "create_deals");
  await drainer.settle([
    { id: 1, verdict: "delivered", contact_id: 1, deal_id: 101 },
    { id: 2, verdict: "delivered", contact_id: 2, deal_id: 102 },
    { id: 3, verdict: "delivered", contact_id: 3, deal_id: 103 },
    { id: 4, verdict: "delivered", contact_id: 4 },
    { id: 5, verdict: "rejected", code: "validation_failed" },
    { id: 6, verdict: "retry", code: "no_route" },
    { id: 7, verdict: "uncertain", code: "timeout" },
    { id: 8, verdict: "superseded", code: "lead_gone" },
    { id: 9, verdict: "retry", wait_ms: 1000, code: "server_error" },
  ]);
  await drainer.release([10]);
  await sql`select amocrm_cancel(10)`;
  await insertWithoutMessage("history@example.com", noonPlus(-3 * DAY_MS));
  await insertWithoutMessage("lost@example.com", noonPlus(-HOUR_MS));
  await insertWithoutMessage("young@example.com", NOON);
  await insertLeads(sql, strangers(1, "new"));
  await insertWithoutMessage("flood@example.com", NOON);
  await superuser`insert into amocrm.quarantined_leads (lead_id, reason) select id, 'flood' from unified_lead_tracking where email = 'flood@example.com'`;
  // The mirror has read everything up to an hour later: 101 is there, 102 was deleted, 103 it never saw.
  await superuser`insert into amocrm_deals (amocrm_deal_id, is_deleted) values (101, false), (102, true)`;
  await superuser`update amocrm.cursors set is_complete = true, changed_until = ${noonPlus(HOUR_MS)} where entity = 'deal'`;

  expect(await buckets("lead")).toEqual({
    delivered: 1,
    "deal deleted in amoCRM": 1,
    "deal missing in amoCRM": 1,
    "delivered without a deal": 1,
    dead: 1,
    "waiting for a route": 1,
    uncertain: 1,
    superseded: 1,
    cancelled: 1,
    waiting: 2,
    history: 1,
    "without a message": 1,
    "without a message, swept soon": 1,
    quarantined: 1,
    total: 15,
  });
  expect(await buckets("deal")).toEqual({
    "in amoCRM": 1,
    "deal deleted in amoCRM": 1,
    "deal missing in amoCRM": 1,
    total: 3,
  });
  const [count] = await sql`select count(*) as leads from unified_lead_tracking`;
  expect(count?.["leads"]).toBe(15);
  const worried =
    await sql`select bucket from amocrm_reconciliation where needs_attention and subject = 'lead'`;
  expect(worried.map(({ bucket }) => bucket).toSorted()).toEqual([
    "dead",
    "deal deleted in amoCRM",
    "deal missing in amoCRM",
    "quarantined",
    "waiting for a route",
    "without a message",
  ]);
  expect(await sql`select from amocrm_reconciliation where meaning is null`).toHaveLength(0);
});

test("calls no deal missing that was made after the mirror was read, or while the mirror is not complete", async () => {
  await insertLeads(sql, strangers(1));
  await drainer.claim();
  await drainer.settle([{ id: 1, verdict: "delivered", contact_id: 1, deal_id: 101 }]);
  expect(await buckets("lead")).toEqual({ delivered: 1, total: 1 });
  expect(await buckets("deal")).toEqual({ "not mirrored yet": 1, total: 1 });
  await superuser`update amocrm.cursors set is_complete = true, changed_until = ${noonPlus(5 * MINUTE_MS)} where entity = 'deal'`;
  expect(await buckets("lead")).toEqual({ delivered: 1, total: 1 });
  await superuser`update amocrm.cursors set changed_until = ${noonPlus(11 * MINUTE_MS)} where entity = 'deal'`;
  expect(await buckets("lead")).toEqual({ "deal missing in amoCRM": 1, total: 1 });
});

test("tells a delivered lead whose row was held from one that is lost", async () => {
  await insertLeads(sql, strangers(1));
  const holder = database.connect();
  await holder.unsafe("begin; select from unified_lead_tracking for update");
  await drainer.claim();
  await drainer.settle([{ id: 1, verdict: "delivered", contact_id: 1, deal_id: 101 }]);
  await holder.unsafe("rollback");
  expect(await buckets("lead")).toEqual({ "delivered, ids not written back": 1, total: 1 });
});

test("puts students into buckets of their own", async () => {
  await sql`insert into tripwire_users (email) values ('a@example.com'), ('b@example.com')`;
  await superuser`update tripwire_users set amocrm_synced_at = ${NOON}, amocrm_deal_id = 7 where email = 'a@example.com'`;
  await superuser`update amocrm.kinds set has_handler = false where kind = 'student.created'`;
  expect(await buckets("student")).toEqual({ delivered: 1, "waiting for a handler": 1, total: 2 });
  await superuser`update amocrm.kinds set has_handler = true where kind = 'student.created'`;
  expect(await buckets("student")).toEqual({ delivered: 1, waiting: 1, total: 2 });
  await superuser`update amocrm.kinds set has_handler = false where kind = 'student.created'`;
});
