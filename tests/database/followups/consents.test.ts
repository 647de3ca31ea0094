import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { MINUTE_MS, NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertFollowedLead, writeSequence } from "../support/followups.ts";
import { type MailOffice, openMailOffice } from "../support/mail-office.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
let office: MailOffice;
beforeEach(async () => {
  await configureVault(database.connect({ user: "supabase_admin" }));
  office = await openMailOffice(database);
  await setTestClock(NOON, sql, service);
});
const consents = () =>
  sql`select channel, recipient, topic, state from message_consents order by channel, recipient, topic`;
const unsubscribe = async (token: string) =>
  (await service`select message_unsubscribe(${token}) as outcome`)[0]?.["outcome"];

test("a lead's consent becomes a row with the lead as its proof when the first message asks for it", async () => {
  await writeSequence(sql, [{ step: "first" }]);
  const lead = await insertFollowedLead(sql, { metadata: { consent_text: "Согласен получать письма" } });
  await office.pass(MINUTE_MS);
  expect(
    await sql`select channel, recipient, topic, state, source, lead_id, text from message_consents`,
  ).toEqual([
    {
      ...{ channel: "mail", recipient: "asel@example.kz", topic: "news", state: "confirmed" },
      ...{ source: "landing", lead_id: lead, text: "Согласен получать письма" },
    },
  ]);
});

describe("the token of a mail", () => {
  test("withdraws its recipient from its topic, as often as it is used; of it only the hash is kept", async () => {
    await writeSequence(sql, [{ step: "first" }]);
    await insertFollowedLead(sql);
    await office.pass(MINUTE_MS);
    const mail = JSON.stringify(office.resend.mails());
    const token = /#token=([\w-]{22})/.exec(mail)?.[1] ?? "";
    const kept = await sql`select (select string_agg(row::text, '') from amocrm.unsubscribe_tokens as row)
      || (select string_agg(row::text, '') from amocrm.mails as row) || (select string_agg(row::text, '') from message_outbox as row) as text`;
    expect(kept[0]?.["text"]).not.toContain(token);
    expect([await unsubscribe(token), await unsubscribe(token)]).toEqual(["withdrawn", "again"]);
    expect(await consents()).toEqual([
      { channel: "mail", recipient: "asel@example.kz", topic: "news", state: "withdrawn" },
    ]);
  });

  test.each(["", "x", randomUUID(), "A".repeat(22)])(
    "that nobody got changes nothing and is counted: %j",
    async (token) => {
      await insertFollowedLead(sql);
      expect(await unsubscribe(token)).toBe("unknown");
      expect(await consents()).toEqual([]);
      expect(await sql`select outcome, count from amocrm.unsubscribe_counts`).toEqual([
        { outcome: "unknown", count: 1 },
      ]);
    },
  );
});

describe("a withdrawal", () => {
  test("wins over every later import and every later form", async () => {
    await writeSequence(sql, [{ step: "first" }]);
    await service`select message_withdraw(p_email => 'ASEL@example.kz', p_channel => 'mail', p_topic => 'news')`;
    await service`insert into message_consents (channel, email_key, topic, source) values
      ('mail', 'Asel@Example.kz', 'news', 'import'), ('mail', 'asel@example.kz', 'course', 'import'), ('mail', 'other@example.kz', 'news', 'import')`;
    await insertFollowedLead(sql);
    await office.pass(5 * MINUTE_MS);
    expect(office.resend.mails()).toEqual([]);
    expect(await consents()).toEqual([
      { channel: "mail", recipient: "asel@example.kz", topic: "course", state: "confirmed" },
      { channel: "mail", recipient: "asel@example.kz", topic: "news", state: "withdrawn" },
      { channel: "mail", recipient: "other@example.kz", topic: "news", state: "confirmed" },
    ]);
  });

  test("without a channel and a topic is one from everything, also from what comes later", async () => {
    await service`select message_withdraw(p_email => 'asel@example.kz', p_phone => '+77011112233')`;
    expect(await consents()).toEqual([
      { channel: "mail", recipient: "asel@example.kz", topic: "*", state: "withdrawn" },
      { channel: "sms", recipient: "+77011112233", topic: "*", state: "withdrawn" },
    ]);
    await service`insert into message_consents (channel, email_key, topic) values ('mail', 'asel@example.kz', 'jobs')`;
    expect(await consents()).toHaveLength(2);
  });

  test("of a forgotten person stays as a hash: nothing else is left, and no import brings the address back", async () => {
    await writeSequence(sql, [{ step: "first", delay_minutes: 60 }]);
    await insertFollowedLead(sql);
    await office.pass(MINUTE_MS);
    await service`select message_withdraw(p_email => 'asel@example.kz')`;
    await sql`select amocrm_forget('asel@example.kz', null)`;
    expect(await sql`select from amocrm.followup_entries`).toHaveLength(0);
    expect(await sql`select from amocrm.followup_events`).toHaveLength(0);
    expect(await consents()).toEqual([]);
    await service`insert into message_consents (channel, email_key) values ('mail', 'asel@example.kz')`;
    expect(await consents()).toEqual([]);
    await insertFollowedLead(sql);
    await office.pass(2 * 60 * MINUTE_MS, MINUTE_MS);
    expect(office.resend.mails()).toEqual([]);
  });

  test("is refused in words for what is no address", async () => {
    await expect(service`select message_withdraw(p_email => 'nobody')`).rejects.toMatchObject({
      code: "22023",
    });
    await expect(service`select message_withdraw()`).rejects.toMatchObject({ code: "22023" });
    await expect(
      service`select message_withdraw(p_email => 'a@example.kz', p_channel => 'fax')`,
    ).rejects.toMatchObject({ code: "22023" });
  });
});
