import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { DAY_MS, MINUTE_MS, NOON, SECOND_MS, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { outcomeOf } from "../../support/errors.ts";
import { insertLeads } from "../../support/leads.ts";
import { dealRow } from "../../support/puller.ts";
import { ADMIN, type Caller, MANAGER, openDataApi, SERVICE } from "../../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database, { rollsBack: true });
const VIEWER: Caller = { role: "authenticated", claims: { app_metadata: { role: "viewer" } } };
const NOON_S = NOON.getTime() / SECOND_MS;
const store = (...rows: object[]) =>
  sql`select * from amocrm.store_deals(${JSON.stringify(rows)}::text::jsonb)`;
const events = () => sql`
  select amocrm_deal_id, event, from_pipeline_id, from_status_id, to_pipeline_id, to_status_id, price, changed_by, is_ours
  from amocrm_deal_events order by id`;
const names = async () => (await events()).map(({ event }) => event);

/** A deal that the mirror has, at its second of the hour. */
const young = (second: number, more: object = {}) =>
  dealRow(1, NOON_S + second, { createdAt: NOON_S, price: 100, statusId: 10, updatedBy: 7002, ...more });

describe("a deal's change in the mirror", () => {
  beforeEach(async () => {
    await setTestClock(NOON, sql);
    await sql`update amocrm.cursors set is_complete = true, changed_until = amocrm.clock()`;
    await store(young(0));
  });

  test("a new deal is added, with whoever made it and where it stands", async () => {
    expect(await events()).toEqual([
      {
        amocrm_deal_id: 1,
        event: "added",
        from_pipeline_id: null,
        from_status_id: null,
        to_pipeline_id: 1,
        to_status_id: 10,
        price: 100,
        changed_by: 7002,
        is_ours: false,
      },
    ]);
  });

  test.each([
    ["a move to another stage", [10, 20], "stage_changed"],
    ["a move into won", [10, 142], "won"],
    ["a move into lost", [10, 143], "lost"],
    ["a move from lost into won", [143, 142], "won"],
    ["a move from won into lost", [142, 143], "lost"],
    ["a move out of won", [142, 10], "reopened"],
    ["a move out of lost", [143, 10], "reopened"],
  ] as const)("%s is one row", async (_name, [from, to], event) => {
    await store(young(1, { statusId: from }));
    await sql`truncate amocrm_deal_events`;
    await store(young(2, { statusId: to }));
    expect(await events()).toMatchObject([{ event, from_status_id: from, to_status_id: to }]);
  });

  test("a won deal that goes to another pipeline stays won: it changed its stage", async () => {
    await store(young(1, { statusId: 142 }), young(1, { statusId: 142 }));
    await store(young(2, { statusId: 142, pipelineId: 2 }));
    expect(await names()).toEqual(["added", "won", "stage_changed"]);
  });

  test("moves between two reads are one row, from the first to the last, and going back is none", async () => {
    await store(young(9, { statusId: 40 }));
    await store(young(12, { statusId: 40 }));
    await store(young(12, { statusId: 40, name: "Renamed", rawFields: [{ field_id: 1 }] }));
    expect((await events()).slice(1)).toMatchObject([
      { event: "stage_changed", from_status_id: 10, to_status_id: 40 },
    ]);
  });

  test("an older version changes nothing and tells nothing", async () => {
    await store(young(9, { statusId: 40 }));
    await store(young(5, { statusId: 20 }));
    expect(await names()).toEqual(["added", "stage_changed"]);
  });

  test("responsible user and price have rows of their own", async () => {
    await store(young(1, { responsibleUserId: 2, price: 250 }));
    expect((await events()).slice(1)).toMatchObject([
      { event: "responsible_changed" },
      { event: "price_changed", price: 250 },
    ]);
    await store(young(2, { responsibleUserId: null, price: null, statusId: null, pipelineId: null }));
    await store(young(3, { responsibleUserId: 2, price: 250 }));
    expect(await events()).toHaveLength(3);
  });

  test("deleted and restored, it has not moved, whatever the list of deleted ones tells of its stage", async () => {
    await store(
      young(1, { isDeleted: true, statusId: null, pipelineId: 0, price: 0, responsibleUserId: null }),
    );
    await store(young(2, { isDeleted: true, statusId: 143 }));
    await store(young(3));
    expect((await events()).slice(1)).toMatchObject([
      { event: "deleted", from_status_id: 10, to_status_id: null },
      { event: "restored", from_status_id: 10, to_status_id: 10 },
    ]);
    await store(young(4, { isDeleted: true }));
    await store(young(5, { statusId: 142 }));
    expect((await names()).slice(3)).toEqual(["deleted", "restored", "won"]);
  });

  test("what is as our own last write left it is ours", async () => {
    const write = (more: object) =>
      sql`select amocrm.note_own_writes(${JSON.stringify([{ writes: [{ entity: "deal", id: 1, until: NOON_S, ...more }] }])}::text::jsonb)`;
    await write({ pipeline_id: 1, status_id: 20 });
    await write({ responsible_user_id: 5 });
    await store(young(1, { statusId: 20, responsibleUserId: 5 }));
    await store(young(2, { statusId: 30, responsibleUserId: 6 }));
    await write({ pipeline_id: 1, status_id: 40 });
    await store(young(3, { statusId: 20, responsibleUserId: 5 }));
    expect((await events()).slice(1).map(({ event, is_ours }) => `${event} ${is_ours}`)).toEqual([
      "stage_changed true",
      "responsible_changed true",
      "stage_changed false",
      "responsible_changed false",
      "stage_changed false",
      "responsible_changed true",
    ]);
  });

  test("names the lead and the student that the deal is linked to", async () => {
    const [lead] = await insertLeads(sql, [{ email: "a@example.com" }]);
    await sql`insert into amocrm.links (subject_table, subject_id, object, amocrm_id) values
      ('unified_lead_tracking', ${lead ?? ""}, 'deal', 1), ('tripwire_users', '00000000-0000-4000-8000-000000000001', 'deal', 1)`;
    await store(young(1, { statusId: 142 }));
    expect(await sql`select lead_id, student_id from amocrm_deal_events where event = 'won'`).toEqual([
      { lead_id: lead, student_id: "00000000-0000-4000-8000-000000000001" },
    ]);
  });

  test("makes no event if the deal, or the change, is older than the beginning", async () => {
    await sql`truncate amocrm_deal_events`;
    await store(dealRow(2, NOON_S, { createdAt: 1_700_000_000, statusId: 10 }));
    expect(await names()).toEqual([]);
    await sql`update amocrm.deal_events_from set since = amocrm.clock()`;
    await store(dealRow(3, NOON_S + 5, { createdAt: NOON_S - 1, statusId: 10 }));
    await store(young(-5, { statusId: 20 }));
    expect(await names()).toEqual([]);
    await store(young(5, { statusId: 30 }));
    expect(await names()).toEqual(["stage_changed"]);
  });

  test("rows may be read by admins and viewers and written by nobody", async () => {
    const count = async (caller: Caller) =>
      (await runAs(caller, (session) => session`select event from amocrm_deal_events`)).length;
    for (const caller of [ADMIN, VIEWER, SERVICE]) expect(await count(caller)).toBe(1);
    expect(await count(MANAGER)).toBe(0);
    const tried = (statement: string) => runAs(SERVICE, (session) => outcomeOf(session.unsafe(statement)));
    expect(await tried("delete from amocrm_deal_events where true")).toBe("42501");
    expect(await tried("update amocrm_deal_events set event = 'won' where true")).toBe("42501");
  });
});

describe("the pull", () => {
  let account: Account;
  beforeEach(async () => {
    account = await openAccount(database);
  });
  const edit = (order: Parameters<Account["simulator"]["control"]["edit"]>[0]) =>
    account.simulator.control.edit(order);
  const makeDeal = async (status = SEED_IDS.sales.fresh) => {
    const made = (await account.post("/api/v4/leads", [
      { name: "D", pipeline_id: SEED_IDS.sales.pipeline, status_id: status },
    ])) as {
      _embedded: { leads: { id: number }[] };
    };
    return made._embedded.leads[0]?.id ?? 0;
  };

  test("makes no event at first, however much there is, and one for each change afterwards", async () => {
    account.simulator.control.populate({ contacts: 30, deals: 30, days: 3 });
    const old = await makeDeal();
    edit({ action: "win_deal", deal_id: old });
    await account.wait(DAY_MS / 4);
    await account.pull();
    expect(await sql`select count(*)::int as count from amocrm_deals`).toEqual([{ count: 31 }]);
    expect(await events()).toEqual([]);

    await account.wait(MINUTE_MS);
    edit({ action: "move_deal", deal_id: old, status_id: SEED_IDS.sales.qualified });
    const fresh = await makeDeal();
    await account.wait(MINUTE_MS);
    edit({ action: "lose_deal", deal_id: fresh });
    await account.wait(20 * MINUTE_MS);
    await account.pull();
    expect(await events()).toMatchObject([
      {
        amocrm_deal_id: old,
        event: "reopened",
        from_status_id: 142,
        to_status_id: SEED_IDS.sales.qualified,
        changed_by: SEED_IDS.users.admin,
      },
      { amocrm_deal_id: fresh, event: "added", to_status_id: 143 },
    ]);
    await account.wait(20 * MINUTE_MS);
    await account.pull();
    expect(await events()).toHaveLength(2);
  });

  test("tells of our own deals that they are ours, with their lead, and where they stand", async () => {
    await sql`update amocrm.cursors set is_complete = true, changed_until = amocrm.clock(), pulled_at = amocrm.clock()`;
    await sql`insert into amocrm_routes (source, pipeline_id, status_id) values ('*', ${SEED_IDS.sales.pipeline}, ${SEED_IDS.sales.fresh})`;
    const [lead] = await insertLeads(sql, [{ email: "own@example.com", full_name: "Own", source: "site" }]);
    await account.drain();
    await account.wait(20 * MINUTE_MS);
    await account.pull();
    expect(await sql`select event, is_ours, lead_id from amocrm_deal_events`).toEqual([
      { event: "added", is_ours: true, lead_id: lead },
    ]);
    const [deal] = await sql`select amocrm_deal_id as id from amocrm_deals`;
    edit({ action: "win_deal", deal_id: deal?.["id"] });
    await account.wait(20 * MINUTE_MS);
    await account.pull();
    const [row] = await runAs(ADMIN, (session) => session`select * from amocrm_deals_now`);
    expect(row).toMatchObject({
      subject: "lead",
      subject_id: lead,
      full_name: "Own",
      source: "site",
      standing: "won",
      last_event: "won",
    });
  });
});
