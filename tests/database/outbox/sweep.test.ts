import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, deliverAll, openDrainer } from "../support/drainer.ts";
import { insertLeads, messages, strangers } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const holder = database.connect();
let drainer: Drainer;
const at = (ms: number) => setTestClock(noonPlus(ms), sql, drainer.sql, superuser);
beforeEach(async () => {
  drainer = openDrainer(database);
  await at(0);
});

const sweep = async () => (await sql`select amocrm.sweep() as count`)[0]?.["count"];
const prune = async (limit = 1000) => (await sql`select amocrm.prune(${limit}) as count`)[0]?.["count"];
/** Leads that were saved while enqueueing was broken. */
async function insertUnsent(count: number) {
  await insertLeads(sql, strangers(count));
  await superuser`truncate amocrm.outbox`;
}
const deliver = async () => {
  await drainer.begin();
  await deliverAll(drainer, { contact_id: 501, deal_id: 601 });
  await drainer.end();
};
const syncedAt = async () =>
  (await sql`select amocrm_synced_at as at from unified_lead_tracking`).map((row) => row["at"]);

describe("the sweep", () => {
  test("enqueues leads that have no message, in the order in which they came, and only once", async () => {
    await insertUnsent(3);
    expect(await sweep()).toBe(3);
    expect(await messages(sql)).toMatchObject(
      strangers(3).map(({ email }) => ({
        kind: "lead.created",
        email_key: email,
        is_fresh: true,
        lane: "live",
      })),
    );
    expect(await sweep()).toBe(0);
  });

  test("leaves leads alone that have a message in any state", async () => {
    await insertLeads(sql, strangers(3));
    await sql`select amocrm_cancel(1)`;
    await drainer.begin();
    await drainer.claim(1);
    await drainer.settle([{ id: 2, verdict: "rejected" }]);
    expect(await sweep()).toBe(0);
  });

  test("leaves leads alone that are older than a day", async () => {
    await insertUnsent(1);
    await at(DAY_MS + 1000);
    expect(await sweep()).toBe(0);
  });

  test("leaves leads alone that are older than the installation", async () => {
    await insertUnsent(1);
    await at(HOUR_MS);
    await superuser`update amocrm.installation set installed_at = ${noonPlus(1)}`;
    expect(await sweep()).toBe(0);
  });

  test("leaves leads alone that reached amoCRM, also when their message was pruned", async () => {
    await insertLeads(sql, strangers(1));
    await deliver();
    await superuser`truncate amocrm.outbox`;
    expect(await sweep()).toBe(0);
  });

  test("writes back the ids of leads that somebody held when they were delivered", async () => {
    await insertLeads(sql, strangers(1));
    await sql`insert into tripwire_users (email) values ('s@example.com')`;
    await sql`update amocrm.outbox set is_fresh = true where kind = 'student.created'`;
    await holder.unsafe(
      "begin; select from unified_lead_tracking for update; select from tripwire_users for update",
    );
    await deliver();
    await holder.unsafe("rollback");
    expect(await syncedAt()).toEqual([null]);
    await at(1000);
    await sweep();
    const ids = { amocrm_contact_id: 501, amocrm_deal_id: 601, amocrm_synced_at: noonPlus(1000) };
    expect(await sql`select * from unified_lead_tracking`).toMatchObject([ids]);
    expect(await sql`select * from tripwire_users`).toMatchObject([ids]);
    expect((await messages(sql)).map(({ kind }) => kind)).toEqual(["lead.created", "student.created"]);
  });

  test("writes a lead back once that has two delivered messages, with the younger ids", async () => {
    await insertLeads(sql, strangers(1));
    await sql`update unified_lead_tracking set full_name = 'Ann'`;
    await holder.unsafe("begin; select from unified_lead_tracking for update");
    await drainer.begin();
    for (const id of [1, 2]) {
      await drainer.claim();
      await drainer.settle([{ id, verdict: "delivered", contact_id: 500 + id, deal_id: 600 + id }]);
    }
    await holder.unsafe("rollback");
    await sweep();
    expect(await sql`select amocrm_contact_id, amocrm_deal_id from unified_lead_tracking`).toEqual([
      { amocrm_contact_id: 502, amocrm_deal_id: 602 },
    ]);
  });
});

describe("a write-back", () => {
  test("puts ids into the lead and into links, and keeps the first synced_at", async () => {
    const [id] = await insertLeads(sql, strangers(1));
    await deliver();
    await at(1000);
    await sql`update unified_lead_tracking set full_name = 'Ann'`;
    await deliver();
    expect(await sql`select * from unified_lead_tracking`).toMatchObject([
      { amocrm_contact_id: 501, amocrm_deal_id: 601, amocrm_synced_at: NOON },
    ]);
    expect(await sql`select subject_id, object, amocrm_id from amocrm.links order by object`).toEqual([
      { subject_id: id, object: "contact", amocrm_id: 501 },
      { subject_id: id, object: "deal", amocrm_id: 601 },
    ]);
    expect(await sql`select amocrm_contact_id from amocrm.people`).toEqual([{ amocrm_contact_id: 501 }]);
  });

  test("of a lead that was deleted in the meantime is no error", async () => {
    await insertLeads(sql, strangers(1));
    await drainer.begin();
    await drainer.claim();
    await sql`delete from unified_lead_tracking`;
    expect(await drainer.settle([{ id: 1, verdict: "delivered", contact_id: 501, deal_id: 601 }])).toEqual([
      1,
    ]);
  });

  test("happens for delivered messages only", async () => {
    await insertLeads(sql, strangers(1));
    await drainer.begin();
    await drainer.claim();
    await drainer.settle([{ id: 1, verdict: "retry", contact_id: 501 }]);
    expect(await syncedAt()).toEqual([null]);
  });
});

describe("pruning", () => {
  test("removes what was delivered longer ago than the setting, up to its limit, and nothing younger", async () => {
    await insertLeads(sql, strangers(3));
    await deliver();
    await at(20 * DAY_MS);
    await insertLeads(sql, strangers(1, "later"));
    await deliver();
    await at(30 * DAY_MS + 1);
    expect(await prune(2)).toBe(2);
    expect(await prune(2)).toBe(1);
    expect((await messages(sql)).map(({ email_key }) => email_key)).toEqual(["later1@example.com"]);
    expect(await sweep()).toBe(0);
  });

  test("keeps what waits, is uncertain or dead, however old", async () => {
    await insertLeads(sql, strangers(3));
    await drainer.begin();
    await drainer.claim(2);
    await drainer.markSent([1], "create");
    await drainer.settle([
      { id: 1, verdict: "uncertain" },
      { id: 2, verdict: "rejected" },
    ]);
    await at(3650 * DAY_MS);
    expect(await prune()).toBe(0);
    expect(await messages(sql)).toHaveLength(3);
  });

  test("keeps the message of a lead or student whose ids are not written back yet", async () => {
    await insertLeads(sql, strangers(1));
    await sql`insert into tripwire_users (email) values ('s@example.com')`;
    await sql`update amocrm.outbox set is_fresh = true where kind = 'student.created'`;
    await holder.unsafe(
      "begin; select from unified_lead_tracking for update; select from tripwire_users for update",
    );
    await deliver();
    await holder.unsafe("rollback");
    await at(100 * DAY_MS);
    expect(await prune()).toBe(0);
  });

  test("removes what was superseded or cancelled as long ago, of a lead that reached amoCRM or is gone", async () => {
    const [, , gone] = await insertLeads(sql, strangers(3));
    await deliver();
    await sql`update unified_lead_tracking set full_name = 'Ann'`;
    await sql`select amocrm_cancel(4)`;
    await drainer.begin();
    await drainer.claim();
    await drainer.settle([
      { id: 5, verdict: "superseded" },
      { id: 6, verdict: "delivered" },
    ]);
    await drainer.end();
    await sql`delete from unified_lead_tracking where id = ${gone ?? ""}`;
    await insertLeads(sql, strangers(1, "never-sent"));
    await sql`select amocrm_cancel(7)`;
    await at(31 * DAY_MS);
    expect(await prune(2)).toBe(4);
    expect(await prune()).toBe(2);
    // A cancelled message is the only sign that this lead is not to be sent: without it a backfill would.
    expect((await messages(sql)).map(({ id, state }) => ({ id, state }))).toEqual([
      { id: 7, state: "cancelled" },
    ]);
    expect((await sql`select amocrm_backfill('unified_lead_tracking') as count`)[0]?.["count"]).toBe(0);
  });

  test("removes alerts that were over 90 days ago, and none that lasts", async () => {
    await sql`insert into amocrm_alerts (code, severity, detail, first_seen_at, last_seen_at, resolved_at) values
      ('old', 'warning', 'x', ${NOON}, ${NOON}, ${NOON}), ('lasting', 'warning', 'x', ${NOON}, ${NOON}, null)`;
    await at(91 * DAY_MS);
    expect(await prune()).toBe(1);
    expect(await sql`select code from amocrm_alerts`).toEqual([{ code: "lasting" }]);
  });

  test("removes old run records of our cron jobs and leaves those of others alone", async () => {
    await sql`select cron.schedule('reports', '0 4 * * *', 'select 1')`;
    await superuser`insert into cron.job_run_details (jobid, username, end_time)
      select jobid, username, ${noonPlus(-8 * DAY_MS)} from cron.job where jobname in ('reports', 'amocrm-tick')`;
    await superuser`insert into cron.job_run_details (jobid, username, end_time)
      select jobid, username, ${noonPlus(-6 * DAY_MS)} from cron.job where jobname in ('reports', 'amocrm-tick')`;
    await prune();
    const left =
      await superuser`select jobname, count(*) from cron.job_run_details join cron.job using (jobid) group by 1 order by 1`;
    expect(left).toEqual([
      { jobname: "amocrm-tick", count: 1 },
      { jobname: "reports", count: 2 },
    ]);
  });
});
