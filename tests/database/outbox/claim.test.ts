import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, deliverAll, openDrainer } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, messages, strangers, withoutStudentHandler } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
  await drainer.begin();
});

const claimedIds = async (limit?: number) => (await drainer.claim(limit)).map(({ id }) => id);

describe("a claim", () => {
  test("leases the oldest messages first, up to its limit, each once", async () => {
    await insertLeads(sql, strangers(5));
    expect(await claimedIds(2)).toEqual([1, 2]);
    expect(await claimedIds(2)).toEqual([3, 4]);
    expect(await claimedIds(2)).toEqual([5]);
    expect(await claimedIds(2)).toEqual([]);
    expect((await messages(sql))[0]).toMatchObject({ state: "leased", lease_token: drainer.token });
  });

  test("brings the subject's row as it is now, and what is known of it in amoCRM", async () => {
    const [id] = await insertLeads(sql, [{ email: "a@example.com", full_name: "Ann" }]);
    await deliverAll(drainer, { contact_id: 501, deal_id: 601 });
    await sql`update unified_lead_tracking set full_name = 'Anna'`;
    expect(await drainer.claim()).toMatchObject([
      {
        kind: "lead.updated",
        payload: { changed: ["full_name"] },
        subjectId: id,
        subject: { full_name: "Anna", email: "a@example.com" },
        contactId: 501,
        dealId: 601,
      },
    ]);
  });

  test("gives one person's messages out one by one, in order", async () => {
    await insertLeads(sql, [
      { email: "a@example.com" },
      { email: "a@example.com" },
      { email: "b@example.com" },
    ]);
    expect(await claimedIds()).toEqual([1, 3]);
    expect(await claimedIds()).toEqual([]);
    await drainer.settle([{ id: 1, verdict: "delivered" }]);
    expect(await claimedIds()).toEqual([2]);
  });

  test("takes live before backfill, then the better priority, then the older due time", async () => {
    await insertLeads(sql, strangers(6));
    await sql`select amocrm.place('amocrm', 100)`;
    await sql`update amocrm.outbox set lane = 'backfill', priority = 0 where id = 1`;
    await sql`update amocrm.outbox set priority = 1 where id = 5`;
    await sql`update amocrm.outbox set priority = 9 where id = 2`;
    await sql`update amocrm.outbox set next_attempt_at = ${noonPlus(-60_000)} where id = 6`;
    const order = [];
    for (let turn = 0; turn < 6; turn++) order.push(...(await claimedIds(1)));
    expect(order).toEqual([5, 6, 3, 4, 2, 1]);
  });

  test("leaves what is not due yet, and takes it when it is", async () => {
    await insertLeads(sql, strangers(2));
    await sql`select amocrm.place('amocrm', 100)`;
    await sql`update amocrm.outbox set next_attempt_at = ${noonPlus(5000)} where id = 1`;
    expect(await claimedIds()).toEqual([2]);
    await setTestClock(noonPlus(5000), drainer.sql);
    expect(await claimedIds()).toEqual([1]);
  });

  test("takes a suspected message alone, when it is its turn", async () => {
    await insertLeads(sql, strangers(4));
    await sql`select amocrm.place('amocrm', 100)`;
    await sql`update amocrm.outbox set goes_alone = true where id in (2, 3)`;
    expect(await claimedIds()).toEqual([1, 4]);
    expect(await claimedIds()).toEqual([2]);
    expect(await claimedIds()).toEqual([3]);
  });

  test("is refused with OB001 without the drain lease, and after it has expired", async () => {
    await insertLeads(sql, strangers(1));
    const other = openDrainer(database);
    expect((await errorOf(other.claim())).code).toBe("OB001");
    await setTestClock(noonPlus(15_000), drainer.sql);
    expect((await errorOf(drainer.claim())).code).toBe("OB001");
    expect((await messages(sql))[0]?.state).toBe("pending");
  });

  test("leaves a kind without a handler pending, and it is shown", async () => {
    await withoutStudentHandler(sql);
    await sql`insert into tripwire_users (email) values ('s@example.com')`;
    expect(await claimedIds()).toEqual([]);
    expect(await messages(sql)).toMatchObject([
      { kind: "student.created", state: "pending", attempt_count: 0 },
    ]);
    expect(await drainer.end()).toBe(false);
    expect(await sql`select kind, state, reason, message_count from amocrm_outbox_status`).toEqual([
      { kind: "student.created", state: "pending", reason: "no_handler", message_count: 1 },
    ]);
  });

  test("takes the messages of a kind as soon as it has a handler", async () => {
    await withoutStudentHandler(sql);
    await sql`insert into tripwire_users (email) values ('s@example.com')`;
    expect(await claimedIds()).toEqual([]);
    await sql`update amocrm.kinds set has_handler = true where kind = 'student.created'`;
    expect(await claimedIds()).toEqual([1]);
  });

  test("gets through more fresh messages than it places at once", async () => {
    await insertLeads(sql, strangers(25));
    const ids = [];
    for (let turn = 0; turn < 5; turn++) ids.push(...(await claimedIds(5)));
    expect(ids).toHaveLength(25);
  });

  test("brings what is configured now, not what was when the drain began", async () => {
    await sql`insert into amocrm_routes (source, pipeline_id) values ('*', 7)`;
    await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', 9)`;
    const pipelines = [
      { pipeline_id: 7, name: "Продажи", sort: 1, is_main: true, is_archive: false, stages: [] },
    ];
    await sql`select amocrm_store_pipelines(${JSON.stringify(pipelines)}::text::jsonb)`;
    const [row] = await drainer.sql`select amocrm_drain_claim(${drainer.token}, 1) as answer`;
    expect(row?.["answer"]).toMatchObject({
      configuration: {
        settings: { min_interval_ms: 2000, batch_size: 50 },
        routes: [{ source: "*", pipeline_id: 7, on_repeat: "note" }],
        stages: [],
        fields: [{ entity: "deal", path: "id", field_id: 9 }],
        pipelines: [{ pipeline_id: 7, name: "Продажи" }],
      },
      mirror: { isComplete: true },
    });
  });
});

describe("the size of a claim", () => {
  test.each([
    { what: "five requests of new deals", change: "select 1", size: 15 },
    {
      what: "what twenty seconds of pace make",
      change: "update public.amocrm_settings set min_interval_ms = 10000 where true",
      size: 6,
    },
    {
      what: "one request's where others are halved",
      change: "update amocrm.queue_control set batch_size_in_force = 1 where true",
      size: 5,
    },
    {
      what: "one request's after a call that failed",
      change: "select amocrm.beat('amocrm-drain', 'failed', '{}', 'x')",
      size: 3,
    },
    {
      what: "one request's after a worker's death",
      change: "update amocrm.queue_control set worker_died_at = amocrm.clock() where true",
      size: 3,
    },
    {
      what: "large again ten minutes later",
      change:
        "update amocrm.queue_control set worker_died_at = amocrm.clock() - interval '11 minutes' where true",
      size: 15,
    },
  ])("is $what at most, whatever was asked", async ({ change, size }) => {
    await sql`update amocrm_settings set batch_size = 3`;
    await sql.unsafe(change);
    await insertLeads(sql, strangers(20));
    expect(await claimedIds(50)).toHaveLength(size);
  });

  test("is small once messages of a dead drain were found", async () => {
    await sql`update amocrm_settings set batch_size = 3`;
    await insertLeads(sql, strangers(20));
    expect(await claimedIds(50)).toHaveLength(15);
    await sql`update amocrm.queue_control set drain_expires_at = amocrm.clock() where queue = 'amocrm'`;
    await drainer.begin();
    expect(await claimedIds(50)).toHaveLength(3);
  });

  test.each([
    { interval: 2000, size: 2 },
    { interval: 500, size: 8 },
    { interval: 150, size: 26 },
    { interval: 5000, size: 1 },
  ])(
    "is $size at an interval of $interval ms as long as the mirror is not complete",
    async ({ interval, size }) => {
      await sql`update amocrm.cursors set is_complete = false`;
      await sql`update amocrm_settings set min_interval_ms = ${interval}`;
      await insertLeads(sql, strangers(30));
      expect(await claimedIds(50)).toHaveLength(size);
    },
  );

  test("leaves out an e-mail or phone that is another person's", async () => {
    await insertLeads(sql, [
      { email: "a@example.com", phone: "+77001112233" },
      { email: "b@example.com", phone: "+77009998877" },
      { email: "a@example.com", phone: "+77009998877" },
    ]);
    await drainer.claim();
    await drainer.settle([1, 2].map((id) => ({ id, verdict: "delivered" })));
    expect(await drainer.claim()).toMatchObject([{ id: 3, emailKey: "a@example.com", phoneKey: null }]);
  });
});
