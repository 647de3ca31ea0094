import { describe, expect, test } from "vitest";
import { Known } from "#shared/admin/find/our-records.ts";
import { useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { insertLeads } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });

const find = async (order: { email?: string; phone?: string; lead?: string }): Promise<Known> => {
  const [row] = await service`
    select amocrm_find(${order.email ?? null}, ${order.phone ?? null}, ${order.lead ?? null}) as known`;
  return Known.parse(row?.["known"]);
};
/** Places all messages with their people, and settles each as told. */
async function deliver(results: { id: number; contact_id: number; deal_id: number }[]): Promise<void> {
  const drainer = openDrainer(database);
  await drainer.begin();
  await drainer.claim();
  await drainer.settle(results.map((result) => ({ verdict: "delivered", ...result })));
  await drainer.end();
}

describe("amocrm_find", () => {
  test("tells rows and messages of an e-mail, however it is written, before anybody was placed", async () => {
    await insertLeads(sql, [{ email: "ada@example.com", source: "webinar" }]);
    const known = await find({ email: " ADA@Example.com " });
    expect(known).toMatchObject({
      email_key: "ada@example.com",
      own_email_key: "ada@example.com",
      person: null,
      row_count: 1,
      rows: [{ subject_table: "unified_lead_tracking", source: "webinar", amocrm_deal_id: null }],
      message_count: 1,
      messages: [{ kind: "lead.created", state: "pending" }],
    });
  });

  test("tells the person with all keys, and what was left with any of them", async () => {
    await insertLeads(sql, [
      { email: "ada@example.com", phone: "89161234567" },
      { phone: "+7 916 123-45-67", source: "call" },
    ]);
    await sql`insert into tripwire_users (email) values ('ada@example.com')`;
    await deliver([{ id: 1, contact_id: 900, deal_id: 800 }]);
    const known = await find({ email: "ada@example.com" });
    expect(known.person).toEqual({
      person_id: expect.any(Number),
      contact_id: 900,
      emails: ["ada@example.com"],
      phones: ["+79161234567"],
    });
    expect(known.rows.map(({ subject_table }) => subject_table).sort()).toEqual([
      "tripwire_users",
      "unified_lead_tracking",
      "unified_lead_tracking",
    ]);
    expect(known.row_count).toBe(3);
    expect(await find({ phone: "8 916 123 45 67" })).toMatchObject({
      person: known.person,
      own_email_key: null,
    });
  });

  test("finds by the id of a lead or student", async () => {
    await insertLeads(sql, [{ email: "ada@example.com" }]);
    const [lead] = await sql`select id from unified_lead_tracking`;
    await deliver([{ id: 1, contact_id: 900, deal_id: 800 }]);
    expect(await find({ lead: String(lead?.["id"]) })).toMatchObject({
      email_key: "ada@example.com",
      person: { contact_id: 900 },
      rows: [{ id: lead?.["id"], amocrm_deal_id: 800 }],
    });
  });

  test("keeps another person's phone apart: the e-mail wins", async () => {
    await insertLeads(sql, [
      { email: "ada@example.com", phone: "89161234567" },
      { email: "bob@example.com", phone: "89160000000" },
    ]);
    await deliver([
      { id: 1, contact_id: 900, deal_id: 800 },
      { id: 2, contact_id: 901, deal_id: 801 },
    ]);
    const known = await find({ email: "ada@example.com", phone: "89160000000" });
    expect(known).toMatchObject({
      person: { contact_id: 900 },
      own_email_key: "ada@example.com",
      phone_key: "+79160000000",
      own_phone_key: null,
    });
  });

  test("tells nobody where nobody is", async () => {
    expect(await find({ email: "nobody@example.com" })).toMatchObject({
      person: null,
      row_count: 0,
      rows: [],
    });
    expect(await find({ lead: "00000000-0000-4000-8000-000000000000" })).toMatchObject({
      email_key: null,
      person: null,
      messages: [],
    });
  });
});
