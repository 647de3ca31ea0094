import { beforeEach, describe, expect, test } from "vitest";
import { type Account, openAccount } from "../../support/account.ts";
import { MINUTE_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const ADA = { full_name: "Ada", email: "ada@example.com" };
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source, on_repeat) values ('*', 'note')`;
});

const contacts = () => account.simulator.state.contacts().map(({ id, is_deleted }) => ({ id, is_deleted }));
const searches = () => account.simulator.log.entries().filter(({ query }) => /(^|[?&])query=/.test(query));
const tombstones = () =>
  sql<{ id: string }[]>`select amocrm_contact_id::text as id from amocrm.contacts where is_deleted`;

/** Deleted in amoCRM, and told to the mirror; then perhaps restored, as old as it was before its deletion. */
async function bury(contactId: number, isRestored: boolean): Promise<void> {
  await sql`insert into amocrm.contacts (amocrm_contact_id, updated_at, custom_fields, is_deleted, read_at)
    values (${contactId}, amocrm.clock(), '[]', true, amocrm.clock())
    on conflict (amocrm_contact_id, account) do update set is_deleted = true, updated_at = excluded.updated_at, read_at = excluded.read_at`;
  await sql`insert into amocrm.contact_keys (type, key, amocrm_contact_id)
    values ('email', ${ADA.email}, ${contactId}) on conflict do nothing`;
  if (!isRestored) account.simulator.control.edit({ action: "delete_contact", contact_id: contactId });
}
async function typeContact(): Promise<number> {
  const answer = (await account.post("/api/v4/contacts", [
    { name: "Typed", custom_fields_values: [{ field_code: "EMAIL", values: [{ value: ADA.email }] }] },
  ])) as { _embedded: { contacts: { id: number }[] } };
  return answer._embedded.contacts[0]?.id ?? 0;
}

describe("a contact that was deleted and restored, and whose last change is older than that,", () => {
  test("is used by the person's lead and is in the mirror again; no second one is made", async () => {
    const id = await typeContact();
    await bury(id, true);
    await account.wait(16 * MINUTE_MS);
    await insertLeads(sql, [ADA]);
    await account.drain();
    expect(await messages(sql)).toMatchObject([{ state: "delivered", amocrm_contact_id: id }]);
    expect(contacts()).toEqual([{ id, is_deleted: false }]);
    expect(await tombstones()).toEqual([]);
    // From now on the mirror answers.
    account.simulator.log.clear();
    await insertLeads(sql, [ADA]);
    await account.drain();
    expect(searches()).toHaveLength(0);
    expect(await messages(sql)).toMatchObject([{ amocrm_contact_id: id }, { amocrm_contact_id: id }]);
  });

  test("is used where it was ours before", async () => {
    await insertLeads(sql, [ADA]);
    await account.drain();
    const id = account.simulator.state.contacts()[0]?.id ?? 0;
    await bury(id, true);
    await account.wait(16 * MINUTE_MS);
    await insertLeads(sql, [ADA]);
    await account.drain();
    expect(await messages(sql)).toMatchObject([
      { amocrm_contact_id: id },
      { state: "delivered", amocrm_contact_id: id, warnings: [] },
    ]);
    expect(contacts()).toHaveLength(1);
    expect(await tombstones()).toEqual([]);
  });
});

describe("a contact that was deleted", () => {
  test("and stays so is asked for once, and another is made", async () => {
    const id = await typeContact();
    await bury(id, false);
    await account.wait(16 * MINUTE_MS);
    await insertLeads(sql, [ADA]);
    await account.drain();
    const [, made] = contacts();
    expect(searches()).toHaveLength(1);
    expect(await messages(sql)).toMatchObject([{ state: "delivered", amocrm_contact_id: made?.id }]);
    expect(await tombstones()).toEqual([{ id: String(id) }]);
    account.simulator.log.clear();
    await insertLeads(sql, [ADA]);
    await account.drain();
    expect(searches()).toHaveLength(0);
  });

  test("a moment ago is not searched for, as amoCRM's search may still find it", async () => {
    const id = await typeContact();
    await bury(id, false);
    await insertLeads(sql, [ADA]);
    await account.drain();
    expect(searches()).toHaveLength(0);
    expect(contacts()).toHaveLength(2);
    expect(await messages(sql)).toMatchObject([{ state: "delivered" }]);
  });
});
