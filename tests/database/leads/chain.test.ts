import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, messages } from "../support/leads.ts";
import { ANON, openDataApi } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database);

describe("a submission of a landing form", () => {
  test("becomes a lead and a message in the same transaction", async () => {
    const submission = {
      full_name: "Мария",
      email: " M.Petrova@Example.COM ",
      phone: "8 (912) 111-26-48",
      source: "tripwire",
      utm_campaign: "арыстан",
      metadata: { proftest: { result: "инженер" } },
    };
    await runAs(ANON, (anon) => anon`insert into landing_leads ${anon(submission as never)}`);
    const [landing] = await sql`select * from landing_leads`;
    expect(landing).toMatchObject(submission);
    const [lead] = await sql`select * from unified_lead_tracking`;
    expect(lead).toMatchObject({
      ...submission,
      landing_lead_id: landing?.["id"],
      created_at: landing?.["created_at"],
      email: "m.petrova@example.com",
      phone: "+79121112648",
      amocrm_synced_at: null,
    });
    expect(await messages(sql)).toMatchObject([
      {
        kind: "lead.created",
        subject_table: "unified_lead_tracking",
        subject_id: lead?.["id"],
        email_key: "m.petrova@example.com",
        phone_key: "+79121112648",
        state: "pending",
        lane: "live",
        person_id: null,
        is_fresh: true,
        attempt_count: 0,
      },
    ]);
  });

  test("leaves nothing when its transaction is rolled back", async () => {
    const session = database.connect();
    await session.unsafe("begin");
    await session`insert into landing_leads (email) values ('a@example.com')`;
    await session.unsafe("rollback");
    const counts = await sql`select (select count(*) from landing_leads) as landing,
      (select count(*) from unified_lead_tracking) as leads, (select count(*) from amocrm_outbox) as messages`;
    expect(counts[0]).toEqual({ landing: 0, leads: 0, messages: 0 });
  });

  test("is refused with 23505 when its submission_id was seen before", async () => {
    const id = randomUUID();
    const submit = () =>
      runAs(
        ANON,
        (anon) => anon`insert into landing_leads (submission_id, phone) values (${id}, '+77001112233')`,
      );
    await submit();
    const error = await errorOf(submit());
    expect(error).toMatchObject({ code: "23505", constraint_name: "landing_leads_one_per_submission" });
    expect(await messages(sql)).toHaveLength(1);
  });

  test("makes one message per row, in the rows' order, when many come in one statement", async () => {
    const emails = Array.from({ length: 300 }, (_, index) => `p${index}@example.com`);
    await sql`insert into landing_leads (email) select * from unnest(${emails}::text[])`;
    expect((await messages(sql)).map((message) => message.email_key)).toEqual(emails);
  });

  test("keeps a phone as typed when it is none, as long as the e-mail is one", async () => {
    await insertLeads(sql, [{ email: "a@example.com", phone: " позвоните вечером " }]);
    const [lead] = await sql`select phone from unified_lead_tracking`;
    expect(lead?.["phone"]).toBe("позвоните вечером");
    await sql`select amocrm.place_all('amocrm')`;
    expect((await messages(sql))[0]).toMatchObject({ email_key: "a@example.com", phone_key: null });
  });
});

describe("a change of a lead", () => {
  test("makes a message with the names of the changed columns", async () => {
    await insertLeads(sql, [{ email: "a@example.com", full_name: "Ann" }]);
    await sql`update unified_lead_tracking set phone = '8 912 111 26 48', metadata = '{"a": 1}', full_name = 'Ann'`;
    expect((await messages(sql))[1]).toMatchObject({
      kind: "lead.updated",
      payload: { changed: ["metadata", "phone"] },
      phone_key: "+79121112648",
      is_fresh: true,
    });
  });

  test("makes no message when only our own write-back changed", async () => {
    await insertLeads(sql, [{ email: "a@example.com" }]);
    await sql`update unified_lead_tracking set amocrm_contact_id = 1, amocrm_deal_id = 2, amocrm_synced_at = now()`;
    expect(await messages(sql)).toHaveLength(1);
  });

  test("makes no message when a column was written with the value it had", async () => {
    await insertLeads(sql, [{ email: "a@example.com", metadata: { b: 1, a: 2 } }]);
    await sql`update unified_lead_tracking set email = ' A@example.com', metadata = '{"a": 2, "b": 1}'`;
    expect(await messages(sql)).toHaveLength(1);
  });

  test("makes no message when the lead is history that was never sent", async () => {
    await insertLeads(sql, [{ email: "a@example.com" }]);
    await database.connect({ user: "supabase_admin" })`truncate amocrm.outbox`;
    await sql`update unified_lead_tracking set full_name = 'Ann'`;
    expect(await messages(sql)).toEqual([]);
  });

  test("loses no e-mail when the new value is no address", async () => {
    await insertLeads(sql, [{ email: "a@example.com", phone: "+77001112233" }]);
    await sql`update unified_lead_tracking set email = 'a at example'`;
    const [lead] = await sql`select email from unified_lead_tracking`;
    expect(lead?.["email"]).toBe("a at example");
  });
});
