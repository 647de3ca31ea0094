import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../support/account.ts";
import { useDatabase } from "../support/database.ts";
import { insertLeads, messages } from "../support/leads.ts";
import { ANON, openDataApi } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database);
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source, pipeline_id) values ('*', ${SEED_IDS.tripwire.pipeline})`;
});

const cardValues = (code: string) =>
  account.simulator.state
    .contacts()
    .flatMap((contact) => contact.custom_fields_values ?? [])
    .filter((field) => field.field_code === code)
    .flatMap((field) => field.values.map(({ value }) => value));
const notes = () =>
  account.simulator.state.notes().map(({ params }) => String(params["text"]).split("\n")[0]);

/** What a visitor types, what the lead's phone is then, what is on the card, and what stands in the note. */
const NUMBERS: { typed: string; stored: string; card: string | null; note?: string }[] = [
  // Russia and Kazakhstan
  { typed: "8 (904) 123-45-67", stored: "+79041234567", card: "+79041234567" },
  { typed: "+7 8904 123-45-67", stored: "+79041234567", card: "+79041234567" },
  { typed: "+7+79041234567", stored: "+79041234567", card: "+79041234567" },
  { typed: "+8 904 123 45 67", stored: "+79041234567", card: "+79041234567" },
  { typed: "707 123 45 67", stored: "+77071234567", card: "+77071234567" },
  { typed: "8 10 7 707 123 45 67", stored: "+77071234567", card: "+77071234567" },
  { typed: "tel:+77071234567", stored: "+77071234567", card: "+77071234567" },
  // Uzbekistan, Kyrgyzstan, Belarus, Ukraine, Georgia
  { typed: "998 90 123 45 67", stored: "+998901234567", card: "+998901234567" },
  { typed: "8 10 996 700 123 456", stored: "+996700123456", card: "+996700123456" },
  { typed: "+375 (29) 123-45-67", stored: "+375291234567", card: "+375291234567" },
  { typed: "00380 44 123 45 67", stored: "+380441234567", card: "+380441234567" },
  { typed: "+995 555 12 34 56", stored: "+995555123456", card: "+995555123456" },
  // Germany, the United States, Turkey, the Emirates
  { typed: "0049 151 23456789", stored: "+4915123456789", card: "+4915123456789" },
  { typed: "1 (212) 555-01-00", stored: "+12125550100", card: "+12125550100" },
  { typed: "+90 532 123 45 67", stored: "+905321234567", card: "+905321234567" },
  { typed: "+971 50 123 4567", stored: "+971501234567", card: "+971501234567" },
  // Something beside it
  {
    typed: "8 904 123-45-67 (WhatsApp)",
    stored: "+79041234567",
    card: "+79041234567",
    note: "Телефон: 8 904 123-45-67 (WhatsApp)",
  },
  {
    typed: "8 495 123-45-67 доб. 12",
    stored: "+74951234567",
    card: "+74951234567",
    note: "Телефон: 8 495 123-45-67 доб. 12",
  },
  {
    typed: "8 904 123-45-67, 8 905 765-43-21",
    stored: "+79041234567",
    card: "+79041234567",
    note: "Телефон: 8 904 123-45-67, 8 905 765-43-21",
  },
  // None that a country can have
  { typed: "+7 904 123 45 6", stored: "+7 904 123 45 6", card: null, note: "Телефон: +7 904 123 45 6" },
  { typed: "+49 030 123456", stored: "+49 030 123456", card: null, note: "Телефон: +49 030 123456" },
  { typed: "532 123 45 67", stored: "532 123 45 67", card: null, note: "Телефон: 532 123 45 67" },
];

describe.each(["landing_leads", "unified_lead_tracking"])("typed into %s", (table) => {
  test.each(NUMBERS)("$typed is stored as $stored", async ({ typed, stored, card, note }) => {
    await runAs(
      ANON,
      (anon) =>
        anon`insert into ${anon(table)} (full_name, email, phone) values ('Ada', 'ada@example.com', ${typed})`,
    );
    await account.drain();
    const [lead] = await sql`select phone, phone_typed from unified_lead_tracking`;
    expect(lead).toEqual({ phone: stored, phone_typed: card !== null && note ? typed : null });
    expect(await messages(sql)).toMatchObject([{ state: "delivered", phone_key: card, warnings: [] }]);
    expect(cardValues("PHONE")).toEqual(card === null ? [] : [card]);
    expect(notes()).toEqual(note === undefined ? [] : [note]);
  });
});

describe("with nothing else", () => {
  const leaveTwice = async (phone: string) => {
    await insertLeads(sql, [{ full_name: "Ada", phone }]);
    await account.drain();
    await insertLeads(sql, [{ full_name: "Bob", phone }]);
    await account.drainAfter(60_000);
    expect((await messages(sql)).map(({ state }) => state)).toEqual(["delivered", "delivered"]);
  };
  const warnings = async () =>
    (await messages(sql)).map((message) => (message.warnings as { code: string }[]).map(({ code }) => code));

  test.each(["+7 777 777 77 77", "8 000 000 00 00", "1234567890", "7777777777 нет"])(
    "the dummy %s is a person of its own each time, with a warning, and stands in the note",
    async (phone) => {
      await leaveTwice(phone);
      expect(account.simulator.state.contacts()).toHaveLength(2);
      expect(account.simulator.state.deals()).toHaveLength(2);
      expect(cardValues("PHONE")).toEqual([]);
      expect(notes()).toEqual([`Телефон: ${phone}`, `Телефон: ${phone}`]);
      expect(await warnings()).toEqual([["dummy_phone"], ["dummy_phone"]]);
    },
  );

  test("a number that its country cannot have is saved likewise, with a warning of its own", async () => {
    await leaveTwice("+7 904 123 45 6");
    expect(account.simulator.state.contacts()).toHaveLength(2);
    expect(notes()).toEqual(["Телефон: +7 904 123 45 6", "Телефон: +7 904 123 45 6"]);
    expect(await warnings()).toEqual([["unreadable_phone"], ["unreadable_phone"]]);
  });

  test("a phone with a remark is the same person as without", async () => {
    await leaveTwice("8 904 123-45-67 (WhatsApp)");
    await insertLeads(sql, [{ phone: "+79041234567" }]);
    await account.drainAfter(60_000);
    expect(account.simulator.state.contacts()).toHaveLength(1);
    expect(await warnings()).toEqual([[], [], []]);
  });
});

test("a slip in the address costs no lead with a good phone: it stands in the note and is nobody's key", async () => {
  await insertLeads(sql, [{ full_name: "Ada", email: "ada@mail.ru.", phone: "8 904 123-45-67" }]);
  await account.drain();
  expect(await messages(sql)).toMatchObject([
    { state: "delivered", email_key: null, phone_key: "+79041234567" },
  ]);
  expect(cardValues("EMAIL")).toEqual([]);
  expect(notes()).toEqual(["E-mail: ada@mail.ru."]);
});

test("a changed row keeps what stands beside its phone, until the phone itself changes", async () => {
  await insertLeads(sql, [{ phone: "8 904 123-45-67 Айгуль" }]);
  const typed = async () => (await sql`select phone_typed as typed from unified_lead_tracking`)[0]?.["typed"];
  await sql`update unified_lead_tracking set phone = phone, email = 'ada@example.com'`;
  expect(await typed()).toBe("8 904 123-45-67 Айгуль");
  await sql`update unified_lead_tracking set phone = '8 905 765-43-21'`;
  expect(await typed()).toBeNull();
});
