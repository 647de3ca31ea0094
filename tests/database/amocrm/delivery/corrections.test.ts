import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { UNLIMITED_SETTINGS } from "#dev/amocrm-simulator/settings.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const [ANN, BOB] = ["ann@example.com", "bob@example.com"];
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source, pipeline_id) values ('*', ${SEED_IDS.tripwire.pipeline})`;
});

const cards = () =>
  account.simulator.state.contacts().map((contact) => {
    const valuesOf = (code: string) =>
      (contact.custom_fields_values ?? [])
        .filter((field) => field.field_code === code)
        .flatMap((field) => field.values.map(({ value }) => value));
    return { name: contact.name, emails: valuesOf("EMAIL"), phones: valuesOf("PHONE") };
  });
const leave = async (lead: { full_name: string; email?: string; phone?: string }) => {
  await insertLeads(sql, [lead]);
  await account.drainAfter(60_000);
};
const correct = async (change: { email?: string | null; phone?: string | null }, from = "Ann") => {
  await sql`update unified_lead_tracking set ${sql(change)} where full_name = ${from}`;
  await account.drainAfter(60_000);
};
const keys = async () => (await sql`select key from amocrm.person_keys order by key`).map(({ key }) => key);
const areDelivered = async () =>
  expect((await messages(sql)).filter(({ state }) => state !== "delivered")).toEqual([]);

describe("a corrected lead", () => {
  test("loses the wrong address as key and on the card, and its true owner is somebody of his own", async () => {
    await leave({ full_name: "Ann", email: BOB });
    await correct({ email: ANN });
    expect(await keys()).toEqual([ANN]);
    expect(cards()).toEqual([{ name: "Ann", emails: [ANN], phones: [] }]);
    await leave({ full_name: "Bob", email: BOB, phone: "+77071234567" });
    expect(cards()).toEqual([
      { name: "Ann", emails: [ANN], phones: [] },
      { name: "Bob", emails: [BOB], phones: ["+77071234567"] },
    ]);
    expect(account.simulator.state.deals()).toHaveLength(2);
    await areDelivered();
  });

  test("loses a wrong phone likewise, also one that is taken away without another", async () => {
    await leave({ full_name: "Ann", email: ANN, phone: "+77071234567" });
    await correct({ phone: "8 707 999 88 77" });
    expect(cards()).toMatchObject([{ emails: [ANN], phones: ["+77079998877"] }]);
    await correct({ phone: null });
    expect(cards()).toMatchObject([{ emails: [ANN], phones: [] }]);
    expect(await keys()).toEqual([ANN]);
    await areDelivered();
  });

  test("that was not sent yet goes out as corrected, and the wrong address never gets to amoCRM", async () => {
    await insertLeads(sql, [{ full_name: "Ann", email: BOB }]);
    await correct({ email: ANN });
    expect(cards()).toEqual([{ name: "Ann", emails: [ANN], phones: [] }]);
    expect(await keys()).toEqual([ANN]);
  });

  test("loses the wrong address also when it was corrected before amoCRM's answer was known", async () => {
    account.simulator.control.addFaults({
      kind: "lost_answer",
      method: "POST",
      path: "/api/v4/leads/complex",
      times: 1,
    });
    await insertLeads(sql, [{ full_name: "Ann", email: BOB }]);
    await account.drain();
    expect(await messages(sql)).toMatchObject([{ state: "uncertain" }]);
    await correct({ email: ANN });
    await account.drainAfter(60_000);
    expect(cards()).toEqual([{ name: "Ann", emails: [ANN], phones: [] }]);
    await areDelivered();
    expect(await sql`select from amocrm.outbox where progress ? 'sentKeys'`).toHaveLength(0);
  });

  test("keeps an address that another row names", async () => {
    await leave({ full_name: "Ann", email: BOB });
    await leave({ full_name: "Bob", email: BOB });
    await correct({ email: ANN });
    expect(await keys()).toEqual([ANN, BOB]);
    expect(cards()).toMatchObject([{ emails: [BOB, ANN] }]);
  });

  test("leaves what a manager typed, and spellings and kinds of the rest as they are", async () => {
    await account.post("/api/v4/contacts", [
      {
        name: "Ann",
        custom_fields_values: [
          { field_code: "EMAIL", values: [{ value: BOB, enum_code: "PRIV" }] },
          { field_code: "PHONE", values: [{ value: "8 (707) 555-44-33", enum_code: "MOB" }] },
        ],
      },
    ]);
    await leave({ full_name: "Ann", email: BOB, phone: "+77071234567" });
    await correct({ email: ANN, phone: "+77079998877" });
    expect(cards()).toEqual([
      { name: "Ann", emails: [BOB, ANN], phones: ["8 (707) 555-44-33", "+77079998877"] },
    ]);
  });

  test("puts the address of a known person into the note, not on the card", async () => {
    await leave({ full_name: "Bob", email: BOB });
    await leave({ full_name: "Ann", email: ANN });
    await correct({ email: BOB });
    expect(cards().map(({ emails }) => emails)).toEqual([[BOB], []]);
    const texts = account.simulator.state.notes().map(({ params }) => String(params["text"]));
    expect(texts.at(-1)).toContain(`E-mail: ${BOB}`);
  });
});

test("a phone that was taken off goes back on the card for the next lead that names it, although amoCRM's lists are late", async () => {
  const [wrong, right] = ["+77071234567", "+77079998877"];
  account = await openAccount(database, {
    simulator: { settings: { ...UNLIMITED_SETTINGS, lists: { late_ms: 120_000 } } },
  });
  await account.pull();
  await leave({ full_name: "Ann", email: ANN, phone: wrong });
  await account.drainAfter(300_000);
  await account.pull();
  await correct({ phone: right });
  expect(cards()).toMatchObject([{ phones: [right] }]);
  await insertLeads(sql, [{ full_name: "Ann again", email: ANN, phone: wrong }]);
  await account.drainAfter(5_000);
  expect(cards()).toMatchObject([{ phones: [right, wrong] }]);
  await areDelivered();
});

test("a phone that a form adds to a known customer's card is pointed out in the note", async () => {
  await leave({ full_name: "Ann", email: ANN });
  await leave({ full_name: "Mallory", email: ANN, phone: "+77071234567" });
  expect(cards()).toEqual([{ name: "Ann", emails: [ANN], phones: ["+77071234567"] }]);
  const texts = account.simulator.state.notes().map(({ params }) => String(params["text"]));
  expect(texts.at(-1)).toContain("Телефон добавлен в карточку контакта этой заявкой: +77071234567");
  await leave({ full_name: "Ann", email: ANN, phone: "+77071234567" });
  const [last] = account.simulator.state.notes().slice(-1);
  expect(String(last?.params["text"])).not.toContain("добавлен");
});
