import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const PHONE = "+77071234567";
const [ANNA, BORIS, VERA] = ["anna@example.com", "boris@example.com", "vera@example.com"];
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source, pipeline_id) values ('*', ${SEED_IDS.tripwire.pipeline})`;
});

interface Card {
  id: number;
  name: string;
  emails: unknown[];
  phones: unknown[];
}
const cards = (): Card[] =>
  account.simulator.state.contacts().map((contact) => {
    const valuesOf = (code: string) =>
      (contact.custom_fields_values ?? [])
        .filter((field) => field.field_code === code)
        .flatMap((field) => field.values.map(({ value }) => value));
    return { id: contact.id, name: contact.name, emails: valuesOf("EMAIL"), phones: valuesOf("PHONE") };
  });
const noteTexts = () => account.simulator.state.notes().map(({ params }) => String(params["text"]));
const listed = () =>
  sql`select type, kept_id::int as kept, other_id::int as other from amocrm_duplicates order by id`;
const typeIntoAmocrm = (name: string, keys: { email?: string; phone?: string }) =>
  account.post("/api/v4/contacts", [
    {
      name,
      custom_fields_values: [
        ...(keys.email === undefined ? [] : [{ field_code: "EMAIL", values: [{ value: keys.email }] }]),
        ...(keys.phone === undefined ? [] : [{ field_code: "PHONE", values: [{ value: keys.phone }] }]),
      ],
    },
  ]);

/** By what a drain finds contacts. */
const MODES = [
  { name: "by the mirror", isComplete: true },
  { name: "by searching", isComplete: false },
];

describe.each(MODES)("$name", ({ isComplete }) => {
  beforeEach(() => sql`update amocrm.cursors set is_complete = ${isComplete} where entity = 'contact'`);
  /** A lead that is sent, a minute after what was before. */
  async function leave(lead: { full_name?: string; email?: string; phone?: string }): Promise<void> {
    await insertLeads(sql, [lead]);
    await account.drainAfter(60_000);
    expect((await messages(sql)).filter(({ state }) => state !== "delivered")).toEqual([]);
  }

  test("strangers and siblings with one phone have a card and a deal each, and the phone stands in their notes", async () => {
    await leave({ full_name: "Anna", email: ANNA, phone: PHONE });
    await leave({ full_name: "Boris", email: BORIS, phone: PHONE });
    await leave({ full_name: "Vera", email: VERA, phone: PHONE });
    expect(cards()).toMatchObject([
      { name: "Anna", emails: [ANNA], phones: [PHONE] },
      { name: "Boris", emails: [BORIS], phones: [] },
      { name: "Vera", emails: [VERA], phones: [] },
    ]);
    expect(account.simulator.state.deals()).toHaveLength(3);
    expect(noteTexts().filter((text) => text.includes(`Телефон: ${PHONE}`))).toHaveLength(2);
    expect(await listed()).toMatchObject([{ type: "people" }, { type: "people" }]);
    // Vera comes back with a number of her own.
    await leave({ full_name: "Vera", email: VERA, phone: "+77079998877" });
    expect(cards()[2]).toMatchObject({ emails: [VERA], phones: ["+77079998877"] });
    expect(cards()[0]).toMatchObject({ phones: [PHONE] });
  });

  test("a card that stands only in amoCRM with another e-mail is somebody else's: two cards, listed once both are there", async () => {
    // amoCRM's own search finds a phone as it is stored.
    const asTyped = isComplete ? "8 (707) 123-45-67" : PHONE;
    await typeIntoAmocrm("Anna", { email: ANNA, phone: asTyped });
    await leave({ full_name: "Boris", email: BORIS, phone: PHONE });
    const [anna, boris] = cards();
    expect(anna).toMatchObject({ emails: [ANNA], phones: [asTyped] });
    expect(boris).toMatchObject({ name: "Boris", emails: [BORIS], phones: [] });
    expect(noteTexts()[0]).toContain(`Телефон: ${PHONE}`);
    expect(await listed()).toEqual([{ type: "contact", kept: anna?.id, other: boris?.id }]);
    // The same once more: nothing is put on anybody's card, nor listed again.
    await leave({ full_name: "Boris", email: BORIS, phone: PHONE });
    expect(cards()[1]).toMatchObject({ phones: [] });
    expect(await listed()).toHaveLength(1);
    // Only the phone: that is who has it.
    await leave({ full_name: "who", phone: PHONE });
    expect(cards()).toHaveLength(2);
    expect((await messages(sql)).at(-1)?.amocrm_contact_id).toBe(anna?.id);
  });

  test("a card with the phone and no e-mail, or with this one, is the person's", async () => {
    await typeIntoAmocrm("Anna", { phone: PHONE });
    await leave({ full_name: "Anna", email: ANNA, phone: PHONE });
    expect(cards()).toMatchObject([{ name: "Anna", emails: [ANNA], phones: [PHONE] }]);
    await typeIntoAmocrm("Boris", { email: BORIS, phone: "+77079998877" });
    await leave({ full_name: "Boris", email: BORIS, phone: "+77079998877" });
    expect(cards()).toHaveLength(2);
    expect(await listed()).toEqual([]);
  });

  test("a lead with only a phone joins whoever has it, although the card has an e-mail", async () => {
    await typeIntoAmocrm("Anna", { email: ANNA, phone: PHONE });
    await leave({ full_name: "Anna", phone: PHONE });
    expect(cards()).toHaveLength(1);
    // Who then comes with another e-mail is not she.
    await leave({ full_name: "Boris", email: BORIS, phone: PHONE });
    expect(cards()).toMatchObject([{ emails: [ANNA] }, { emails: [BORIS], phones: [] }]);
  });

  test("a person with a card of their own does not get a phone that another card has: the e-mail wins, and the cards are listed", async () => {
    await leave({ full_name: "Anna", email: ANNA });
    await typeIntoAmocrm("Boris", { email: BORIS, phone: PHONE });
    await leave({ full_name: "Anna", email: ANNA, phone: PHONE });
    const [anna, boris] = cards();
    expect(anna).toMatchObject({ emails: [ANNA], phones: [] });
    expect(boris).toMatchObject({ emails: [BORIS], phones: [PHONE] });
    expect(await listed()).toEqual([{ type: "contact", kept: anna?.id, other: boris?.id }]);
    expect(noteTexts().at(-1)).toContain(`Телефон: ${PHONE}`);
  });

  test("a domain in the other spelling is the same card", async () => {
    await typeIntoAmocrm("Ada", { email: "ada@xn--80a1acny.xn--p1ai" });
    await leave({ full_name: "Ada", email: "Ada@почта.рф" });
    expect(cards()).toHaveLength(1);
  });
});
