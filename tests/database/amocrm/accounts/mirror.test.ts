import { beforeEach, describe, expect, test } from "vitest";
import { NOON } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { contactRow, type Puller } from "../../support/puller.ts";
import { openSecondAccount, openTwoPullers, SECOND, workFor } from "../../support/two-accounts.ts";

const database = await useDatabase();
const { sql } = database;
/** The owner at work for the second account. */
const sqlOfSecond = database.connect();
await workFor(SECOND, sqlOfSecond);
const { first, second } = await openTwoPullers(database);
beforeEach(() => openSecondAccount(database));

const email = (value: string) => ({ field_code: "EMAIL", values: [{ value }] });
const contact = (id: number, name: string, more: object = {}) =>
  contactRow(id, 10, { name, rawFields: [email(`${name.toLowerCase()}@example.com`)], ...more });

/** One whole run of what is due, with these rows. */
async function pullRun(puller: Puller, rows: object[]): Promise<string> {
  const { pull } = await puller.begin();
  await puller.page(pull.id, rows);
  await puller.finish(pull.id, NOON);
  await puller.end();
  return pull.entity;
}
const contacts = () =>
  sql`select account, amocrm_contact_id as id, name, is_deleted from amocrm.contacts order by account, amocrm_contact_id`;
const holders = async (session: typeof sql, address: string) =>
  (await session`select amocrm.holders_of('email', ${address}, '{}') as ids`)[0]?.["ids"];

describe("two accounts with the same ids", () => {
  beforeEach(async () => {
    await sql`update amocrm.cursors set is_complete = false, changed_until = null, position = '{}', pulled_at = null`;
  });

  test("keep a contact each, with its own keys", async () => {
    await pullRun(first, [contact(7, "Ann"), contact(8, "Al")]);
    await pullRun(second, [contact(7, "Bob")]);
    expect(await contacts()).toEqual([
      { account: "amocrm", id: 7, name: "Ann", is_deleted: false },
      { account: "amocrm", id: 8, name: "Al", is_deleted: false },
      { account: SECOND, id: 7, name: "Bob", is_deleted: false },
    ]);
    expect(
      await sql`select account, key from amocrm.contact_keys where amocrm_contact_id = 7 order by account`,
    ).toEqual([
      { account: "amocrm", key: "ann@example.com" },
      { account: SECOND, key: "bob@example.com" },
    ]);
  });

  test("are pulled apart: each has its own cursor, lease and runs", async () => {
    const begun = await first.begin();
    expect(begun.outcome).toBe("granted");
    const other = await second.begin();
    expect(other.outcome).toBe("granted");
    expect(other.pull.id).not.toBe(begun.pull.id);
    await expect(first.page(other.pull.id, [contact(7, "Ann")])).rejects.toThrow("query returned no rows");
    await second.page(other.pull.id, [contact(7, "Bob")]);
    await second.finish(other.pull.id, NOON);
    expect(
      await sql`select account, is_complete from amocrm.cursors where entity = 'contact' order by account`,
    ).toEqual([
      { account: "amocrm", is_complete: false },
      { account: SECOND, is_complete: true },
    ]);
    await second.end();
    // The other's lease and run are untouched.
    await first.page(begun.pull.id, [contact(7, "Ann")]);
    await first.finish(begun.pull.id, NOON);
  });

  test("lose a contact, a key or a deal to be read without the other", async () => {
    await pullRun(first, [contact(7, "Ann", { dealIds: [70] })]);
    await pullRun(second, [contact(7, "Ann", { dealIds: [70, 71] })]);
    expect(await second.missing()).toEqual([70, 71]);
    expect(await first.missing()).toEqual([70]);
    expect(await pullRun(second, [])).toBe("deal");
    await sql`update amocrm.pull_control set wanted_at = clock_timestamp()`;
    const { pull } = await second.begin();
    expect(pull.entity).toBe("contact");
    await second.page(pull.id, [contactRow(7, 20, { isDeleted: true })]);
    expect(await contacts()).toEqual([
      { account: "amocrm", id: 7, name: "Ann", is_deleted: false },
      { account: SECOND, id: 7, name: "C7", is_deleted: true },
    ]);
    expect(await holders(sql, "ann@example.com")).toEqual([7]);
    expect(await holders(sqlOfSecond, "ann@example.com")).toEqual([]);
    await sqlOfSecond`select amocrm.set_aside_row('contact', 9, 'odd')`;
    expect((await sql`select amocrm.set_aside_notice() as notice`)[0]?.["notice"]).toBeNull();
    expect(await first.missing()).toEqual([70]);
  });

  test("are matched each by its own mirror, and put their own values on a card", async () => {
    await pullRun(first, [contact(7, "Ann")]);
    await pullRun(second, [contact(7, "Bob"), contact(9, "Ann")]);
    expect(await holders(sql, "ann@example.com")).toEqual([7]);
    expect(await holders(sqlOfSecond, "ann@example.com")).toEqual([9]);
    expect(await holders(sql, "bob@example.com")).toEqual([]);
    const read = async (session: typeof sql) =>
      (await session`select amocrm.contact_as_read(7) ->> 'name' as name`)[0]?.["name"];
    expect([await read(sql), await read(sqlOfSecond)]).toEqual(["Ann", "Bob"]);
    const isAnothers = async (session: typeof sql) =>
      (await session`select amocrm.has_another_email(7, '{ann@example.com}') as it_is`)[0]?.["it_is"];
    expect([await isAnothers(sql), await isAnothers(sqlOfSecond)]).toEqual([false, true]);
    await sqlOfSecond`select amocrm.take_off_mirror(7, '{"email": "bob@example.com"}')`;
    await sqlOfSecond`select amocrm.take_off_mirror(7, '{"email": "ann@example.com"}')`;
    expect(await sql`select account, key from amocrm.contact_keys where amocrm_contact_id = 7`).toEqual([
      { account: "amocrm", key: "ann@example.com" },
    ]);
  });

  test("have pipelines, types of fields and a search for the marker of their own", async () => {
    const store = (puller: Puller, stage: string) =>
      puller.sql`select amocrm_store_pipelines(${JSON.stringify([
        { pipeline_id: 1, name: stage, stages: [{ id: 10, name: stage }] },
      ])}::text::jsonb)`;
    await store(first, "Ours");
    await store(second, "Theirs");
    const stage = async (session: typeof sql) =>
      (await session`select amocrm.stage_name(1, 10) as name`)[0]?.["name"];
    expect([await stage(sql), await stage(sqlOfSecond)]).toEqual(["Ours", "Theirs"]);
    await second.sql`select amocrm_store_pipelines('[]')`;
    expect([await stage(sql), await stage(sqlOfSecond)]).toEqual(["Ours", null]);
    for (const session of [sql, sqlOfSecond]) {
      await session`insert into amocrm.field_types (entity, read_until) values ('deal', clock_timestamp())`;
      await session`insert into amocrm.marker_search (tried_at) values (clock_timestamp())`;
    }
    expect(await sql`select account from amocrm.marker_search order by account`).toEqual([
      { account: "amocrm" },
      { account: SECOND },
    ]);
  });

  test("are left one at a time: leaving an account keeps the other's mirror", async () => {
    await pullRun(first, [contact(7, "Ann", { dealIds: [70] })]);
    await pullRun(second, [contact(7, "Bob", { dealIds: [71] })]);
    await second.sql`select amocrm_account_leave()`;
    expect(await contacts()).toEqual([{ account: "amocrm", id: 7, name: "Ann", is_deleted: false }]);
    expect(await first.missing()).toEqual([70]);
    expect(await second.missing()).toEqual([]);
    expect(
      await sql`select account, is_complete from amocrm.cursors where entity = 'contact' order by account`,
    ).toEqual([
      { account: "amocrm", is_complete: true },
      { account: SECOND, is_complete: false },
    ]);
  });
});
