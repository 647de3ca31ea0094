import { beforeEach, describe, expect, test } from "vitest";
import { type Account, openAccount } from "../../support/account.ts";
import { MINUTE_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source, on_repeat) values ('*', 'note')`;
  await sql`update amocrm.cursors set is_complete = false where entity = 'contact'`;
});

const EMAIL = "ada@example.com";
const PHONE = "+79000000001";
const rows = () => messages(sql);
const contacts = () => account.simulator.state.contacts();
const duplicates = () =>
  sql`select type, kept_id::int, other_id::int, reason from amocrm_duplicates order by id`;

async function typeContact(email: string): Promise<number> {
  const answer = (await account.post("/api/v4/contacts", [
    {
      name: "Typed",
      custom_fields_values: [{ field_code: "EMAIL", values: [{ value: email, enum_code: "WORK" }] }],
    },
  ])) as { _embedded: { contacts: { id: number }[] } };
  return answer._embedded.contacts[0]?.id ?? 0;
}

async function drainUntilQuiet(): Promise<void> {
  for (let minute = 0; minute < 4; minute++) await account.drainAfter(MINUTE_MS);
}

describe("a contact that amoCRM's search shows and that no deal may name", () => {
  test("is tried once; then the person gets another", async () => {
    const typed = await typeContact(EMAIL);
    account.simulator.control.makeOdd({ kind: "contacts", id: typed, member: "id", json: "1700000000000" });
    await insertLeads(sql, [{ full_name: "Ada", email: EMAIL }]);
    await account.drain();
    await drainUntilQuiet();
    const [row] = await rows();
    expect(row).toMatchObject({ state: "delivered", progress: { refusedContactIds: [1700000000000] } });
    expect(contacts().map(({ id }) => id)).toContain(row?.amocrm_contact_id);
  });
});

describe("a contact that amoCRM's search shows beside a deal of its own, and that cannot be read", () => {
  test("is taken no more; the person gets another", async () => {
    const typed = await typeContact(EMAIL);
    await account.post("/api/v4/leads", [{ name: "Typed", _embedded: { contacts: [{ id: typed }] } }]);
    account.simulator.control.makeOdd({ kind: "contacts", id: typed, member: "id", json: "1700000000000" });
    await insertLeads(sql, [{ full_name: "Ada", email: EMAIL }]);
    await account.drain();
    for (let minute = 0; minute < 20; minute++) await account.drainAfter(MINUTE_MS);
    const [row] = await rows();
    expect(row).toMatchObject({
      state: "delivered",
      progress: { refusedContactIds: expect.arrayContaining([1700000000000]) },
    });
    expect(contacts().map(({ id }) => id)).toContain(row?.amocrm_contact_id);
  });
});

describe("a deal of the person that amoCRM returns in a shape nobody can read", () => {
  test("is passed over in the end, with a warning, and the lead gets one of its own", async () => {
    await insertLeads(sql, [{ full_name: "Ada", email: EMAIL }]);
    await account.drain();
    const odd = account.simulator.state.deals()[0]?.id ?? 0;
    account.simulator.control.makeOdd({ kind: "leads", id: odd, member: "", json: "12" });
    await insertLeads(sql, [{ full_name: "Ada again", email: EMAIL }]);
    await account.drain();
    expect((await rows()).at(-1)).toMatchObject({
      state: "pending",
      last_error_code: "unexpected_answer",
    });
    for (let minute = 0; minute < 20; minute++) await account.drainAfter(2 * MINUTE_MS);
    const row = (await rows()).at(-1);
    expect(row).toMatchObject({ state: "delivered", progress: { deal: "created" } });
    expect(row?.warnings).toMatchObject([{ code: "deal_unreadable" }]);
  });

  test("is passed over by what is told of the person too, which waits for another deal", async () => {
    await insertLeads(sql, [{ full_name: "Ada", email: EMAIL }]);
    await account.drain();
    const odd = account.simulator.state.deals()[0]?.id ?? 0;
    account.simulator.control.makeOdd({ kind: "leads", id: odd, member: "", json: "12" });
    await sql`select amocrm_tell(${sql.json({ email: EMAIL })}, 'deal.note', '{"text": "told"}')`;
    await account.drain();
    expect((await rows()).at(-1)).toMatchObject({ state: "pending", last_error_code: "unexpected_answer" });
    for (let minute = 0; minute < 20; minute++) await account.drainAfter(2 * MINUTE_MS);
    // Without it the person has no deal, for which what was told waits a day.
    expect((await rows()).at(-1)?.warnings).toMatchObject([{ code: "deal_unreadable" }]);
  });
});

describe("an e-mail that comes to somebody known by the phone alone, while a manager's card has it", () => {
  test.each([true, false])("is listed for a person to judge (mirror complete: %s)", async (hasMirror) => {
    await insertLeads(sql, [{ full_name: "Ada", phone: PHONE }]);
    await account.drain();
    const [own] = await rows();
    const typed = await typeContact(EMAIL);
    // What changed meanwhile is looked at before a batch, so that the mirror knows the card.
    if (hasMirror)
      await sql`update amocrm.cursors set is_complete = true, changed_until = amocrm.clock() - interval '1 minute' where entity = 'contact'`;
    await insertLeads(sql, [{ full_name: "Ada", phone: PHONE, email: EMAIL }]);
    await drainUntilQuiet();
    expect(await rows()).toMatchObject([
      { state: "delivered" },
      { state: "delivered", amocrm_contact_id: own?.amocrm_contact_id },
    ]);
    expect(await duplicates()).toMatchObject([
      {
        type: "contact",
        kept_id: own?.amocrm_contact_id,
        other_id: typed,
        reason: expect.stringContaining("same email"),
      },
    ]);
  });
});
