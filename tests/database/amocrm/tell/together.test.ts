import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { MINUTE_MS, SECOND_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const { sales, dealFields } = SEED_IDS;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source) values ('*')`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${dealFields.leadId})`;
});

const tell = async (to: object, kind: string, payload: object): Promise<number> => {
  const [row] =
    await sql`select amocrm_tell(${sql.json(to as never)}, ${kind}, ${sql.json(payload as never)}) as id`;
  return Number(row?.["id"]);
};
const states = async (ids: number[]) =>
  (await messages(sql))
    .filter(({ id }) => ids.includes(id))
    .map(({ state, last_error_code: code }) => (code === null ? state : `${state} ${code}`));
const noteTexts = () =>
  account.simulator.state
    .notes()
    .map((note) => (note["params"] as { text: string }).text.replace(/\n#[^\n]*$/, ""));
const deliveredLead = async (): Promise<string> => {
  const [id = ""] = await insertLeads(sql, [{ full_name: "Ada", email: "ada@example.com" }]);
  await account.drain();
  return id;
};
const madeDeals = async (count: number): Promise<number[]> => {
  const ids: number[] = [];
  for (let at = 0; at < count; at += 50) {
    const names = Array.from({ length: Math.min(50, count - at) }, (_, place) => ({
      name: `Deal ${at + place}`,
    }));
    const made = (await account.post("/api/v4/leads", names)) as { _embedded: { leads: { id: number }[] } };
    ids.push(...made._embedded.leads.map(({ id }) => id));
  }
  return ids;
};
const writes = (from: number) =>
  account
    .requests()
    .slice(from)
    .filter((line) => !line.startsWith("GET"));

describe("waiting neighbours of one kind", () => {
  test("become the newest one, whose values win; across another kind nothing is merged", async () => {
    const to = { lead_id: await deliveredLead() };
    const values = (comment: string, budget: number) => ({
      values: { [dealFields.comment]: comment, [dealFields.budget]: budget },
    });
    const ids = [
      await tell(to, "deal.fields", values("one", 1)),
      await tell(to, "deal.fields", { values: { [dealFields.comment]: "two" } }),
      await tell(to, "deal.note", { text: "between" }),
      await tell(to, "deal.fields", values("three", 3)),
      await tell(to, "deal.tags", { add: ["a", "b"] }),
      await tell(to, "deal.tags", { add: ["c"], remove: ["a"] }),
    ];
    const from = account.requests().length;
    for (let turn = 0; turn < 6; turn++) await account.drainAfter(SECOND_MS);
    expect(await states(ids)).toEqual([
      "superseded told_together",
      "delivered",
      "delivered",
      "delivered",
      "superseded told_together",
      "delivered",
    ]);
    expect(writes(from)).toEqual([
      "PATCH /api/v4/leads",
      "POST /api/v4/leads/notes",
      "PATCH /api/v4/leads",
      "PATCH /api/v4/leads",
    ]);
    const [deal] = account.simulator.state.deals();
    expect(JSON.stringify(deal)).toContain("three");
    expect(deal?._embedded.tags.map(({ name }) => name).toSorted()).toEqual(["b", "c"]);
  });

  test("notes stay as many as they were, in their order", async () => {
    const to = { lead_id: await deliveredLead() };
    for (const text of ["1", "2", "3"]) await tell(to, "deal.note", { text });
    for (let turn = 0; turn < 4; turn++) await account.drainAfter(SECOND_MS);
    expect(noteTexts()).toEqual(["1", "2", "3"]);
  });

  test("stay apart where one names a field by its id and the other by its code", async () => {
    const to = { lead_id: await deliveredLead() };
    const ids = [
      await tell(to, "deal.fields", { values: { [dealFields.comment]: "one" } }),
      await tell(to, "deal.fields", { values: { COMMENT: "two" } }),
    ];
    for (let turn = 0; turn < 3; turn++) await account.drainAfter(SECOND_MS);
    expect(await states(ids)).toEqual(["delivered", "delivered"]);
  });
});

describe("many at once", () => {
  test("500 notes on 500 deals cost at most 4 writing requests at batch 250, and so do 500 moves", async () => {
    await sql`update amocrm_settings set patch_batch_size = 250 where true`;
    const deals = await madeDeals(500);
    await sql`select amocrm_tell(jsonb_build_object('deal_id', deal.id), 'deal.note', '{"text": "hello"}') from unnest(${deals}::bigint[]) as deal (id)`;
    const from = account.requests().length;
    for (let turn = 0; turn < 4; turn++) await account.drainAfter(SECOND_MS);
    expect(noteTexts()).toHaveLength(500);
    expect(writes(from)).toEqual(["POST /api/v4/leads/notes", "POST /api/v4/leads/notes"]);
    const move = { pipeline_id: sales.pipeline, status_id: sales.qualified };
    await sql`select amocrm_tell(jsonb_build_object('deal_id', deal.id), 'deal.move', ${sql.json(move)}) from unnest(${deals}::bigint[]) as deal (id)`;
    const before = account.requests().length;
    for (let turn = 0; turn < 4; turn++) await account.drainAfter(SECOND_MS);
    expect(new Set(account.simulator.state.deals().map(({ status_id: at }) => at))).toEqual(
      new Set([sales.qualified]),
    );
    expect(writes(before)).toEqual(["PATCH /api/v4/leads", "PATCH /api/v4/leads"]);
  }, 120_000);
});

describe("more than twenty in an hour for one deal", () => {
  const loop = async (to: object, count: number) => {
    const ids: number[] = [];
    for (let at = 1; at <= count; at++) ids.push(await tell(to, "deal.note", { text: String(at) }));
    for (let turn = 0; turn < count + 2; turn++) await account.drainAfter(SECOND_MS);
    return ids;
  };
  const held = () =>
    sql`select amocrm_deal_id::int as deal, behind_count::int as behind from amocrm_held_tells`;
  const alerts = () => sql`select code, severity from amocrm.tell_conditions()`;

  test("are held, with an alert, until a person lets them go; the person's leads and an hour later go on", async () => {
    const leadId = await deliveredLead();
    const [deal] = account.simulator.state.deals();
    await loop({ lead_id: leadId }, 23);
    expect(noteTexts()).toHaveLength(20);
    expect(await held()).toEqual([{ deal: deal?.id, behind: 2 }]);
    expect(await alerts()).toEqual([{ code: "tells_held", severity: "warning" }]);
    await insertLeads(sql, [{ full_name: "Ada", email: "ada@example.com", source: "again" }]);
    await account.drainAfter(SECOND_MS);
    expect(noteTexts()).toHaveLength(21);
    expect(await sql`select amocrm_release_tells(${deal?.id ?? 0}) as count`).toEqual([{ count: 3 }]);
    for (let turn = 0; turn < 5; turn++) await account.drainAfter(SECOND_MS);
    expect(
      noteTexts()
        .filter((text) => /^\d+$/.test(text))
        .map(Number),
    ).toEqual(Array.from({ length: 23 }, (_, at) => at + 1));
    expect(await alerts()).toEqual([]);
    await account.wait(61 * MINUTE_MS);
    const later = await tell({ lead_id: leadId }, "deal.note", { text: "later" });
    await account.drain();
    expect(await states([later])).toEqual(["delivered"]);
  }, 60_000);

  test("or are cancelled with all that came behind them", async () => {
    const [dealId = 0] = await madeDeals(1);
    const ids = await loop({ deal_id: dealId }, 24);
    expect(await sql`select amocrm_release_tells(null, true) as count`).toEqual([{ count: 4 }]);
    expect((await states(ids)).slice(20)).toEqual(Array(4).fill("cancelled cancelled"));
    expect(noteTexts()).toHaveLength(20);
  }, 60_000);
});

describe("an answer that is lost", () => {
  test.each(["deal.note", "deal.task"])("makes no second %s", async (kind) => {
    const to = { lead_id: await deliveredLead() };
    const path = kind === "deal.note" ? "/api/v4/leads/notes" : "/api/v4/tasks";
    account.simulator.control.addFaults({ kind: "lost_answer", method: "POST", path, times: 1 });
    const id = await tell(to, kind, { text: "once" });
    for (let turn = 0; turn < 4; turn++) await account.drainAfter(20 * SECOND_MS);
    expect(await states([id])).toEqual(["delivered"]);
    const { notes } = account.simulator.state.counts();
    expect(notes + account.simulator.state.tasks().length).toBe(1);
  });
});
