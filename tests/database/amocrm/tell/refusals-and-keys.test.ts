import { describe, expect, test } from "vitest";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const TO = { deal_id: 1 };

const tell = async (
  to: unknown,
  kind: string | null,
  payload: unknown,
  key: string | null = null,
): Promise<number> => {
  const [row] =
    await sql`select amocrm_tell(${sql.json(to as never)}, ${kind}, ${sql.json(payload as never)}, ${key}) as id`;
  return Number(row?.["id"]);
};
const refusal = (to: unknown, kind: string | null, payload: unknown, key: string | null = null) =>
  tell(to, kind, payload, key).then(
    () => "taken",
    (error: { code: string; message: string }) => `${error.code} ${error.message}`,
  );
const values = (name: string, value: unknown) => ({ values: { [name]: value } });

describe("what is refused at once, in words", () => {
  test.each([
    [TO, "deal.price", {}, '22023 p_kind: "deal.price" cannot be told, only contact.fields, deal.fields'],
    [TO, "lead.created", {}, '22023 p_kind: "lead.created" cannot be told'],
    [TO, null, {}, "22023 p_kind: null cannot be told"],
    [TO, "deal.note", [], "22023 p_payload of deal.note must be an object"],
    [TO, "deal.note", {}, '22023 p_payload of deal.note: "text" must be a text that is not blank'],
    [TO, "deal.note", { text: " \n" }, '"text" must be a text'],
    [TO, "deal.note", { text: "x".repeat(20_001) }, "more than 20000 characters"],
    [TO, "deal.note", { text: "x", txet: "y" }, 'it has "txet", and knows text only'],
    [TO, "deal.task", { text: "x".repeat(251) }, "more than 250"],
    [TO, "deal.task", { text: "x", due_in_minutes: 0 }, '"due_in_minutes" must be a whole number'],
    [TO, "deal.task", { text: "x", due_in_minutes: "60" }, '"due_in_minutes" must be a whole number'],
    [TO, "deal.task", { text: "x", responsible_user_id: "Ann" }, '"responsible_user_id" must be the number'],
    [TO, "deal.move", { status_id: 142 }, '"pipeline_id" and "status_id" must both be there'],
    [TO, "deal.fields", { values: {} }, '"values" must be an object with a value for each field'],
    [TO, "deal.fields", { values: [1] }, '"values" must be an object'],
    [TO, "deal.fields", values("Имя поля", 1), '"Имя поля" is neither the id nor the code of a field'],
    [TO, "deal.fields", values("A", { x: 1 }), 'the value of "A" must be a text, a number'],
    [TO, "deal.fields", values("A", [[1]]), 'the value of "A" must be'],
    [
      TO,
      "deal.fields",
      { values: Object.fromEntries(Array.from({ length: 41 }, (_, at) => [at + 1, at])) },
      "more than 40 fields",
    ],
    [TO, "contact.fields", values("phone", null), '"phone" takes values and gives none away'],
    [TO, "deal.tags", {}, "must hold from 1 to 100 names together"],
    [TO, "deal.tags", { add: "VIP" }, "must be lists of names"],
    [TO, "deal.tags", { add: ["ok", " "] }, "must be lists of names"],
    [TO, "deal.tags", { add: ["x".repeat(256)] }, "more than 255 characters"],
    [{}, "deal.note", { text: "x" }, "p_to must name one of"],
    ["lead", "deal.note", { text: "x" }, "p_to must name one of"],
    [{ deal_id: 1, lead_id: 2 }, "deal.note", { text: "x" }, "p_to must name one of"],
    [{ deal_id: "1" }, "deal.note", { text: "x" }, "deal_id must be the number of a deal"],
    [{ lead_id: "12" }, "deal.note", { text: "x" }, "lead_id must be the id of a row, a UUID"],
    [
      { student_id: "00000000-0000-4000-8000-000000000000" },
      "deal.note",
      { text: "x" },
      "there is no row 00000000-0000-4000-8000-000000000000 in tripwire_users",
    ],
    [{ email: "nobody" }, "deal.note", { text: "x" }, "email must be an e-mail address"],
    [{ email: "a@example.com", phone: "abc" }, "deal.note", { text: "x" }, "phone a phone number"],
  ])("to %j, %s %j", async (to, kind, payload, words) => {
    expect(await refusal(to, kind, payload)).toContain(words);
    expect(await messages(sql)).toEqual([]);
  });

  test("nobody but the owner and service_role may tell", async () => {
    for (const role of ["anon", "authenticated"]) {
      const session = database.connect({ user: "authenticator", role });
      await expect(
        session`select amocrm_tell('{"deal_id": 1}', 'deal.note', '{"text": "x"}')`,
      ).rejects.toThrow(/permission denied/);
    }
    const service = database.connect({ user: "authenticator", role: "service_role" });
    expect(
      await service`select amocrm_tell('{"deal_id": 1}', 'deal.note', '{"text": "x"}') is not null as is_told`,
    ).toEqual([{ is_told: true }]);
  });
});

describe("a key", () => {
  test("makes the same message of the same words, and refuses others", async () => {
    const [leadId = ""] = await insertLeads(sql, [{ email: "ada@example.com" }]);
    const id = await tell({ lead_id: leadId }, "deal.note", { text: "paid" }, "order-1");
    expect(await tell({ lead_id: leadId }, "deal.note", { text: "paid" }, "order-1")).toBe(id);
    expect(await tell({ lead_id: leadId }, "deal.note", { text: "paid" })).not.toBe(id);
    expect(await refusal({ lead_id: leadId }, "deal.note", { text: "other" }, "order-1")).toContain(
      `22023 p_key names message ${id} already, which tells something else`,
    );
    expect(await refusal(TO, "deal.note", { text: "paid" }, "order-1")).toContain("tells something else");
    expect(await refusal(TO, "deal.note", { text: "paid" }, " ")).toContain(
      "p_key must have from 1 to 200 characters",
    );
    expect((await messages(sql)).filter(({ kind }) => kind === "deal.note")).toHaveLength(2);
  });

  test("of a transaction that was rolled back is free; two at once are one message", async () => {
    await sql
      .begin(async (tx) => {
        await tx`select amocrm_tell('{"deal_id": 1}', 'deal.note', '{"text": "a"}', 'k')`;
        throw new Error("no");
      })
      .catch(() => {});
    const other = database.connect();
    const both = await Promise.all(
      [sql, other].map(
        (session) =>
          session`select amocrm_tell('{"deal_id": 1}', 'deal.note', '{"text": "b"}', 'k')::int as id`,
      ),
    );
    expect(both[0]).toEqual(both[1]);
    expect(await messages(sql)).toMatchObject([{ payload: { text: "b" } }]);
  });

  test("outlives its message for 400 days, and what has none goes with it", async () => {
    const id = await tell(TO, "deal.note", { text: "paid" }, "order-1");
    await tell(TO, "deal.note", { text: "paid" });
    await sql`delete from amocrm.outbox where true`;
    await sql`update amocrm.tells set created_at = amocrm.clock() - interval '399 days' where true`;
    await sql`select amocrm.prune(100)`;
    expect(await sql`select message_id::int as id from amocrm.tells`).toEqual([{ id }]);
    expect(await tell(TO, "deal.note", { text: "paid" }, "order-1")).toBe(id);
    await sql`update amocrm.tells set created_at = amocrm.clock() - interval '401 days' where true`;
    await sql`select amocrm.prune(100)`;
    expect(await sql`select message_id from amocrm.tells`).toEqual([]);
  });
});

describe("a person who is forgotten", () => {
  test("takes along what was told of him, by row, by address, and of his deal; the key stays", async () => {
    const [leadId = ""] = await insertLeads(sql, [{ email: "ada@example.com" }]);
    await sql`insert into amocrm.links (subject_table, subject_id, object, amocrm_id) values ('unified_lead_tracking', ${leadId}, 'deal', 77)`;
    const key = await tell({ lead_id: leadId }, "deal.note", { text: "secret 1" }, "order-1");
    await tell({ email: "ada@example.com" }, "deal.note", { text: "secret 2" });
    await sql`select amocrm.place_all('amocrm')`;
    await tell({ email: "ada@example.com" }, "deal.note", { text: "secret 3" });
    const other = await tell({ email: "eve@example.com" }, "deal.note", { text: "of another" });
    await sql`select amocrm_forget('ada@example.com', null)`;
    const kept = await messages(sql);
    expect(JSON.stringify(kept)).not.toContain("secret");
    expect(kept.filter(({ kind }) => kind === "deal.note").map(({ id, state }) => [id, state])).toMatchObject(
      [
        [key, "cancelled"],
        [key + 1, "cancelled"],
        [key + 2, "cancelled"],
        [other, "pending"],
      ],
    );
    expect(
      await sql`select message_id::int as id from amocrm.tells where key_hash is not null and content_hash is null`,
    ).toEqual([{ id: key }]);
  });
});
