import { beforeEach, describe, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { outcomeOf } from "../support/errors.ts";
import { entrySteps, writeSequence } from "../support/followups.ts";
import { dayPlus, openLoyalty } from "../support/loyalty.ts";
import { type MailOffice, openMailOffice } from "../support/mail-office.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const { member, order, refund } = openLoyalty(sql);
let office: MailOffice;
beforeEach(async () => {
  await setTestClock(NOON, sql);
});
const openOffice = async () => {
  await configureVault(database.connect({ user: "supabase_admin" }));
  office = await openMailOffice(database);
};
const withEmail = async (email: string, mailing = true) => {
  const who = await member();
  await sql`update loyalty_members set mailing = ${mailing} where id = ${who}`;
  await sql`insert into loyalty_identities (member_id, provider, external_id) values (${who}, 'email', ${email})`;
  return who;
};
const mails = () => office.resend.mails().map(({ body }) => `${body.to} ${body.subject}`);
const reasons = async () => (await entrySteps(sql)).map(({ state, reason }) => [state, reason]);

describe("a change of a member", () => {
  beforeEach(async () => {
    await openOffice();
    await sql`insert into followup_templates (code, channel, language, subject, body) values
      ('tier', 'mail', 'ru', 'Уровень {metadata.to}', 'Был {metadata.from}, баланс {metadata.balance}.')`;
    await writeSequence(sql, [
      { sequence: "tiers", step: "first", event: "loyalty.tier_changed", template_code: "tier" },
      {
        sequence: "gold",
        step: "first",
        event: "loyalty.tier_changed",
        filter: { to: "gold" },
        template_code: "tier",
      },
    ]);
    await sql`update message_settings set daily_cap = null, weekly_cap = null`;
  });

  test("is one mail, each by itself, and none for what was before", async () => {
    const ann = await withEmail("ann@example.kz");
    await order(ann, { amount: 60_000 });
    await office.pass(MINUTE_MS);
    expect(mails()).toEqual(["ann@example.kz Уровень silver"]);
    expect(office.resend.mails()[0]?.body.text).toContain("Был bronze, баланс 0.");
    expect(office.resend.mails()[0]?.body.headers?.["List-Unsubscribe-Post"]).toBe(
      "List-Unsubscribe=One-Click",
    );
    // Neither another booking nor another tick is a change.
    await order(ann, { amount: 100 });
    await office.pass(10 * MINUTE_MS, MINUTE_MS);
    expect(mails()).toHaveLength(1);
    await order(ann, { amount: 100_000 });
    await office.pass(10 * MINUTE_MS, MINUTE_MS);
    expect(mails().slice(1)).toEqual(["ann@example.kz Уровень gold", "ann@example.kz Уровень gold"]);
  });

  test("follows consents: joining is one, buying is none, and a withdrawal wins", async () => {
    await order(await withEmail("buyer@example.kz", false), { amount: 60_000 });
    await order(await withEmail("agreed@example.kz", false), { amount: 60_000 });
    await order(await withEmail("withdrew@example.kz"), { amount: 60_000 });
    await order(await member(), { amount: 60_000 });
    await sql`insert into message_consents (email_key, channel, topic, state) values
      ('agreed@example.kz', 'mail', 'news', 'confirmed'), ('withdrew@example.kz', 'mail', 'news', 'withdrawn')`;
    // Whether the school asks leads for consent is another matter.
    await sql`update message_settings set requires_consent = false`;
    await office.pass(10 * MINUTE_MS, MINUTE_MS);
    expect(mails()).toEqual(["agreed@example.kz Уровень silver"]);
    expect((await reasons()).toSorted()).toEqual([
      ["departed", null],
      ["skipped", "no_consent"],
      ["skipped", "withdrew"],
    ]);
  });

  test("is told to nobody who was forgotten meanwhile, or whose address is another's now", async () => {
    await sql`update followup_steps set delay_minutes = 60 where sequence = 'tiers'`;
    const ann = await withEmail("ann@example.kz");
    const bob = await withEmail("bob@example.kz");
    await order(ann, { amount: 60_000 });
    await order(bob, { amount: 60_000 });
    await office.pass(MINUTE_MS);
    await sql`select amocrm.forget_loyalty('{ann@example.kz}', '{}')`;
    await sql`update loyalty_identities set external_id = 'rob@example.kz' where member_id = ${bob}`;
    await office.pass(2 * HOUR_MS, 10 * MINUTE_MS);
    expect(mails()).toEqual([]);
    expect(await reasons()).toEqual([["skipped", "gone"]]);
  });
});

test("a segment, a tier at risk and expiring points are such changes too; steps for members are mails", async () => {
  await openOffice();
  for (const event of ["segment_changed", "tier_at_risk", "points_expiring"])
    await writeSequence(sql, [{ sequence: event, step: "first", event: `loyalty.${event}` }]);
  expect(
    await outcomeOf(
      writeSequence(sql, [{ sequence: "sms", step: "first", event: "loyalty.tier_changed", channel: "sms" }]),
    ),
  ).toBe("23514");
  await sql`update message_settings set daily_cap = null, weekly_cap = null`;
  const ann = await withEmail("ann@example.kz");
  await sql`insert into loyalty_changes (member_id, event, from_value, to_value) values
    (${ann}, 'loyalty.segment_changed', 'loyal', 'at_risk'), (${ann}, 'loyalty.tier_at_risk', 'silver', 'bronze'),
    (${ann}, 'loyalty.points_expiring', null, '500')`;
  await office.pass(10 * MINUTE_MS, MINUTE_MS);
  expect(mails()).toHaveLength(3);
});

describe("amoCRM", () => {
  const known = async (email: string, id: number) => {
    await sql`insert into amocrm.contacts (amocrm_contact_id, updated_at) values (${id}, amocrm.clock())`;
    await sql`insert into amocrm.contact_keys (type, key, amocrm_contact_id) values ('email', ${email}, ${id})`;
  };
  const told = async () =>
    (await sql`select email_key, payload from amocrm.outbox where kind = 'contact.fields' order by id`).map(
      (row) => [row["email_key"], row["payload"].values],
    );
  const night = async (day: number) => {
    await setTestClock(dayPlus(day), sql);
    return (await sql`select loyalty_recompute() as counts`)[0]?.["counts"].told;
  };

  test("is told tier, balance and segment of those it knows: only what changed, once a day", async () => {
    await known("ann@example.kz", 77);
    const ann = await withEmail("ann@example.kz");
    const first = await order(ann, { amount: 60_000 });
    await order(await withEmail("unknown@example.kz"), { amount: 100 });
    expect(await night(0)).toBe(0);
    await sql`update loyalty_settings set amocrm_fields = '{"tier": 301, "balance": 302, "segment": 303}'`;
    expect(await night(0)).toBe(1);
    const [{ segment } = { segment: null }] =
      await sql`select segment from loyalty_rfm where member_id = ${ann}`;
    expect(await told()).toEqual([["ann@example.kz", { 301: "silver", 302: 0, 303: segment }]]);
    expect(await night(0.1)).toBe(0);
    await refund(first, 10_000);
    expect(await night(0.2)).toBe(0);
    expect(await night(1)).toBe(0);
    expect(await night(15)).toBe(1);
    expect((await told()).slice(1)).toEqual([["ann@example.kz", { 302: 2500 }]]);
    await sql`update loyalty_settings set amocrm_fields = '{}'`;
  });

  test("refuses fields that it cannot have", async () => {
    for (const fields of ['{"name": 1}', '{"tier": "x"}', '{"tier": null}', "[1]"])
      expect(
        await outcomeOf(sql`update loyalty_settings set amocrm_fields = ${fields}::text::jsonb`),
      ).toMatch(/^(22023|23514)$/);
  });
});
