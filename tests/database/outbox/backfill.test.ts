import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { type Session, useDatabase } from "../support/database.ts";
import { type Drainer, deliverAll, openDrainer } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, messages, strangers } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
  await drainer.begin();
});

/** Rows from before the installation, which made no messages; the first is the oldest. */
async function history(count: number, table = "unified_lead_tracking", prefix = "old"): Promise<string[]> {
  // What the triggers of a project without this product do: nothing.
  await superuser.unsafe("set session_replication_role = replica");
  const rows = await superuser<{ id: string }[]>`
    insert into ${superuser(`public.${table}`)} (email, created_at)
    select ${prefix} || n || '@example.com', ${NOON}::timestamptz - interval '1 year' + n * interval '1 day'
    from generate_series(1, ${count}) as n returning id`;
  await superuser.unsafe("set session_replication_role = origin");
  return rows.map(({ id }) => id);
}

const backfill = async (limit = 1000, since: Date | null = null, session: Session = sql): Promise<number> =>
  (await session`select amocrm_backfill('unified_lead_tracking', ${since}, ${limit}) as count`)[0]?.["count"];
const estimate = async (limit = 1000) =>
  (await sql`select * from amocrm_backfill_estimate('unified_lead_tracking', null, ${limit})`)[0];

describe("amocrm_backfill", () => {
  test("enqueues the oldest rows up to the limit, in the lane behind live leads, and places them at once", async () => {
    const ids = await history(5);
    expect(await backfill(3)).toBe(3);
    const rows = await messages(sql);
    expect(rows.map(({ subject_id }) => subject_id)).toEqual(ids.slice(0, 3));
    for (const row of rows) {
      expect(row).toMatchObject({ kind: "lead.created", lane: "backfill", state: "pending", is_head: true });
    }
    expect(await backfill(3)).toBe(2);
    expect(await backfill(3)).toBe(0);
  });

  test("takes a thousand rows unless told otherwise", async () => {
    await history(1001);
    const [row] = await sql`select amocrm_backfill('unified_lead_tracking') as count`;
    expect(row?.["count"]).toBe(1000);
  });

  test("takes five thousand in one call at most, tells how many are left, and goes on there when called again", async () => {
    await history(5203);
    const notices: string[] = [];
    const session = database.connect({ onNotice: (text) => notices.push(text) });
    expect(await backfill(5100, null, session)).toBe(5000);
    expect(notices).toEqual(["5000 of the oldest rows are enqueued, 100 are left"]);
    expect(await backfill(100, null, session)).toBe(100);
    const rows = await sql<
      { count: number }[]
    >`select count(distinct subject_id)::int as count from amocrm.outbox`;
    expect(rows[0]?.count).toBe(5100);
    expect(notices).toHaveLength(1);
  });

  test("takes rows from p_since on only", async () => {
    const ids = await history(3);
    expect(await backfill(10, new Date(NOON.getTime() - 365 * DAY_MS + 3 * DAY_MS))).toBe(1);
    expect((await messages(sql)).map(({ subject_id }) => subject_id)).toEqual(ids.slice(2));
  });

  test("enqueues students as student.created", async () => {
    await history(2, "tripwire_users");
    const [row] = await sql`select amocrm_backfill('tripwire_users') as count`;
    expect(row?.["count"]).toBe(2);
    expect(await messages(sql)).toMatchObject([
      { kind: "student.created", lane: "backfill" },
      { kind: "student.created", lane: "backfill" },
    ]);
  });

  test("never sends twice what was delivered, also when the message has been pruned since", async () => {
    await history(2);
    await backfill();
    await deliverAll(drainer, { contact_id: 7, deal_id: 8 });
    expect(await backfill()).toBe(0);
    await sql`delete from amocrm.outbox`;
    expect(await backfill()).toBe(0);
  });

  test.each(["dead", "cancelled", "uncertain", "delivered"])(
    "leaves a row alone whose message is %s",
    async (state) => {
      await insertLeads(sql, strangers(1));
      await superuser`update amocrm.outbox set state = ${state}, is_fresh = false, step = 'create_deal', sent_at = now(),
        delivered_at = case when ${state} = 'delivered' then now() end`;
      expect(await backfill()).toBe(0);
    },
  );

  test("does not take a row twice when two are started at the same moment", async () => {
    await history(40);
    const others = [database.connect(), database.connect()];
    const counts = await Promise.all(others.map((session) => backfill(30, null, session)));
    expect(counts.toSorted()).toEqual([10, 30]);
    expect(new Set((await messages(sql)).map(({ subject_id }) => subject_id)).size).toBe(40);
  });

  test("leaves a live lead in front: it is claimed before all that waits in the backfill", async () => {
    await history(60);
    await backfill();
    const [live] = await insertLeads(sql, [{ email: "live@example.com" }]);
    const [first, ...rest] = (await drainer.claim(50)).toSorted((one, other) => other.id - one.id);
    expect(first).toMatchObject({ lane: "live", subjectId: live });
    expect(rest).toHaveLength(49);
  });

  test("brings somebody's history forward when he writes again, so that his live lead does not wait", async () => {
    await history(60);
    await backfill();
    const [live] = await insertLeads(sql, [{ email: "old60@example.com" }]);
    const [own] = await drainer.claim(1);
    expect(own).toMatchObject({ subject: { email: "old60@example.com" } });
    await drainer.settle([{ id: own?.id ?? 0, verdict: "delivered" }]);
    expect(await drainer.claim(1)).toMatchObject([{ lane: "live", subjectId: live }]);
  });

  test("brings forward also what became the turn only later", async () => {
    await history(1);
    await history(1);
    await history(1, "unified_lead_tracking", "other");
    await backfill();
    const live = await insertLeads(sql, [{ email: "old1@example.com" }]);
    const order: string[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const [message] = await drainer.claim(1);
      order.push(message?.subjectId ?? "none");
      await drainer.settle([{ id: message?.id ?? 0, verdict: "delivered" }]);
    }
    expect(order.indexOf(live[0] ?? "")).toBe(2);
  });

  test("does not hold up a live lead that came before it and is not placed yet", async () => {
    const [live] = await insertLeads(sql, strangers(1));
    await history(60);
    await backfill();
    expect(await drainer.claim(1)).toMatchObject([{ subjectId: live }]);
  });

  test.each([
    [
      "another table",
      "select amocrm_backfill('landing_leads')",
      /p_table is landing_leads, must be unified_/,
    ],
    ["no table", "select amocrm_backfill(null)", /p_table is null/],
    [
      "a limit of nothing",
      "select amocrm_backfill('tripwire_users', null, 0)",
      /p_limit is 0, must be between/,
    ],
    ["a limit past reason", "select amocrm_backfill('tripwire_users', null, 100001)", /p_limit is 100001/],
  ])("refuses %s, and names it", async (_, call, words) => {
    const error = await errorOf(sql.unsafe(call));
    expect([error.code, error.message]).toEqual(["22023", expect.stringMatching(words)]);
    expect(error.hint).toBeTruthy();
  });

  test("refuses a moment in the future", async () => {
    const error = await errorOf(backfill(10, noonPlus(HOUR_MS)));
    expect([error.code, error.message]).toEqual([
      "22023",
      expect.stringContaining("p_since lies in the future"),
    ]);
  });
});

describe("amocrm_backfill_estimate", () => {
  test("counts what a backfill would take, three requests a batch once the mirror is complete, and changes nothing", async () => {
    await history(120);
    await sql`update amocrm.cursors set is_complete = true, changed_until = now() where entity = 'contact'`;
    expect(await estimate()).toEqual({
      message_count: 120,
      request_count: 9,
      interval_ms: 2000,
      minutes: "0.3",
    });
    expect(await estimate(50)).toMatchObject({ message_count: 50, request_count: 3 });
    expect(await messages(sql)).toEqual([]);
  });

  test("adds two searches for each person as long as the mirror is not complete", async () => {
    await history(120);
    await sql`update amocrm.cursors set is_complete = false where entity = 'contact'`;
    expect(await estimate()).toMatchObject({ request_count: 9 + 240, minutes: "8.3" });
  });

  test("reckons with the pace in force after a 429", async () => {
    await history(50);
    await sql`select amocrm.slow_down('amocrm', 2000, 0, 'rate_limited')`;
    expect(await estimate()).toMatchObject({ interval_ms: 3000 });
  });

  test("refuses what a backfill refuses", async () => {
    const error = await errorOf(sql`select * from amocrm_backfill_estimate('leads')`);
    expect([error.code, error.message]).toEqual(["22023", expect.stringContaining("p_table is leads")]);
  });
});
