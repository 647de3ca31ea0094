import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { type Drainer, deliverAll, openDrainer } from "../support/drainer.ts";
import { insertLeads, messages } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await drainer.begin();
});

const EMAIL = "a@example.com";
const PHONE = "+77001112233";
const place = () => sql`select amocrm.place('amocrm', 1000)`;
/** The person of each message, in the messages' order. */
const peopleOfMessages = async () => (await messages(sql)).map((message) => message.person_id);
const duplicates = () => sql`select type, kept_id, other_id, reason, outbox_id from amocrm_duplicates`;

describe("a fresh message", () => {
  test("finds its person by e-mail, however it was spelt", async () => {
    await insertLeads(sql, [{ email: EMAIL }, { email: " A@EXAMPLE.com" }, { email: "b@example.com" }]);
    await place();
    const [first, second, third] = await peopleOfMessages();
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test("finds its person by phone, however it was spelt", async () => {
    await insertLeads(sql, [{ phone: "8 (700) 111-22-33" }, { phone: "7001112233" }, { phone: PHONE }]);
    await place();
    expect(new Set(await peopleOfMessages()).size).toBe(1);
  });

  test("adds what is new to the person, so that later ones are found by it", async () => {
    await insertLeads(sql, [
      { email: EMAIL, phone: PHONE },
      { email: EMAIL, phone: "+77009998877" },
      { phone: "+77009998877" },
    ]);
    await place();
    expect(new Set(await peopleOfMessages()).size).toBe(1);
    const keys = await sql`select type, key from amocrm.person_keys order by 1, 2`;
    expect(keys).toEqual([
      { type: "email", key: EMAIL },
      { type: "phone", key: PHONE },
      { type: "phone", key: "+77009998877" },
    ]);
  });

  test("becomes the head only if its person has no older unfinished one", async () => {
    await insertLeads(sql, [{ email: EMAIL }, { email: EMAIL }]);
    await place();
    await insertLeads(sql, [{ email: EMAIL }]);
    await place();
    expect((await messages(sql)).map((message) => message.is_head)).toEqual([true, false, false]);
  });
});

describe("e-mail and phone of two people in one submission", () => {
  test("make them one when one had only an e-mail and the other only a phone", async () => {
    await insertLeads(sql, [{ email: EMAIL }, { phone: PHONE }, { email: EMAIL, phone: PHONE }]);
    await place();
    expect(new Set(await peopleOfMessages()).size).toBe(1);
    expect((await messages(sql)).map((message) => message.is_head)).toEqual([true, false, false]);
    expect(await duplicates()).toEqual([]);
  });

  test("make them one when only one of them has a contact, and the contact stays", async () => {
    await insertLeads(sql, [{ phone: PHONE }]);
    await deliverAll(drainer, { contact_id: 501 });
    await insertLeads(sql, [{ email: EMAIL }, { email: EMAIL, phone: PHONE }]);
    // The person of the e-mail takes the contact over in the very claim that merges them.
    const [message] = await drainer.claim();
    expect(message).toMatchObject({ emailKey: EMAIL, phoneKey: null, contactId: 501 });
  });

  test("are listed and not merged when both already have both kinds of key: the e-mail wins", async () => {
    await insertLeads(sql, [
      { email: EMAIL, phone: PHONE },
      { email: "b@example.com", phone: "+77009998877" },
      { email: EMAIL, phone: "+77009998877" },
    ]);
    await place();
    const [first, second, mixed] = await peopleOfMessages();
    expect(mixed).toBe(first);
    expect(second).not.toBe(first);
    expect(await duplicates()).toMatchObject([
      { type: "people", kept_id: first, other_id: second, outbox_id: 3 },
    ]);
    await insertLeads(sql, [{ phone: "+77009998877" }]);
    await place();
    expect((await peopleOfMessages())[3]).toBe(second);
  });

  test("are listed and not merged when both have a contact of their own", async () => {
    await insertLeads(sql, [{ email: EMAIL }]);
    await deliverAll(drainer, { contact_id: 501 });
    await insertLeads(sql, [{ phone: PHONE }]);
    await deliverAll(drainer, { contact_id: 502 });
    await insertLeads(sql, [{ email: EMAIL, phone: PHONE }]);
    await place();
    const [byEmail, byPhone, both] = await peopleOfMessages();
    expect(both).toBe(byEmail);
    expect(await duplicates()).toMatchObject([{ kept_id: byEmail, other_id: byPhone }]);
  });

  test("are merged when both have the very same contact", async () => {
    await insertLeads(sql, [{ email: EMAIL }]);
    await deliverAll(drainer, { contact_id: 501 });
    await insertLeads(sql, [{ phone: PHONE }]);
    await deliverAll(drainer, { contact_id: 501 });
    await insertLeads(sql, [{ email: EMAIL, phone: PHONE }]);
    await place();
    expect(await sql`select distinct person_id from amocrm.person_keys`).toHaveLength(1);
    expect(await duplicates()).toEqual([]);
  });

  test("are listed once, however often they come together", async () => {
    const mixed = { email: EMAIL, phone: "+77009998877" };
    await insertLeads(sql, [
      { email: EMAIL, phone: PHONE },
      { ...mixed, email: "b@example.com" },
      mixed,
      mixed,
      mixed,
    ]);
    await place();
    expect(await duplicates()).toHaveLength(1);
  });
});

describe("a changed lead", () => {
  test("stays with its person, even if e-mail and phone are both new, and the new ones are added", async () => {
    await insertLeads(sql, [{ email: EMAIL }]);
    await sql`update unified_lead_tracking set email = 'b@example.com', phone = ${PHONE}`;
    expect((await drainer.claim()).map(({ kind }) => kind)).toEqual(["lead.created"]);
    await insertLeads(sql, [{ phone: PHONE }, { email: "b@example.com" }]);
    await place();
    expect(new Set(await peopleOfMessages()).size).toBe(1);
  });

  test("follows its person through a merge", async () => {
    await insertLeads(sql, [{ phone: PHONE }, { email: EMAIL }, { email: EMAIL, phone: PHONE }]);
    await deliverAll(drainer, { contact_id: 501 });
    await sql`update unified_lead_tracking set full_name = 'Ann' where email is null`;
    expect(await drainer.claim()).toMatchObject([{ kind: "lead.updated", contactId: 501 }]);
    const [owner] = await sql`select distinct person_id from amocrm.person_keys`;
    expect((await peopleOfMessages())[3]).toBe(owner?.["person_id"]);
  });

  test("that names the e-mail of another person is listed, and that person keeps it", async () => {
    await insertLeads(sql, [
      { email: EMAIL, phone: PHONE },
      { email: "b@example.com", phone: "+77009998877" },
    ]);
    await place();
    const [first, second] = await peopleOfMessages();
    await sql`update unified_lead_tracking set email = 'b@example.com' where email = ${EMAIL}`;
    await place();
    expect((await peopleOfMessages())[2]).toBe(first);
    expect(await duplicates()).toMatchObject([
      { type: "people", kept_id: first, other_id: second, outbox_id: 3 },
    ]);
  });
});

test("twenty people who leave an e-mail, then a phone, then both, are twenty people, each served in order", async () => {
  const numbers = Array.from({ length: 20 }, (_, index) => index);
  const email = (index: number) => `person${index}@example.com`;
  const phone = (index: number) => `+7700000${String(index).padStart(4, "0")}`;
  await insertLeads(
    sql,
    numbers.map((index) => ({ email: email(index) })),
  );
  await insertLeads(
    sql,
    numbers.map((index) => ({ phone: phone(index) })),
  );
  await insertLeads(
    sql,
    numbers.map((index) => ({ email: email(index), phone: phone(index) })),
  );
  const delivered = await deliverAll(drainer);
  expect(delivered).toHaveLength(60);
  expect(await sql`select distinct person_id from amocrm.person_keys`).toHaveLength(20);
  for (const index of numbers) {
    const own = delivered.filter(
      ({ emailKey, phoneKey }) => emailKey === email(index) || phoneKey === phone(index),
    );
    expect(own.map(({ emailKey, phoneKey }) => [emailKey !== null, phoneKey !== null])).toEqual([
      [true, false],
      [false, true],
      [true, true],
    ]);
  }
  expect(await duplicates()).toEqual([]);
});
