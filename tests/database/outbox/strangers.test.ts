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

describe("a new e-mail with a known phone", () => {
  test("joins the phone's person if that one has no e-mail", async () => {
    await insertLeads(sql, [{ phone: PHONE }, { phone: PHONE, email: EMAIL }, { email: EMAIL }]);
    await place();
    expect(new Set(await peopleOfMessages()).size).toBe(1);
    expect(await duplicates()).toEqual([]);
  });

  test("is a person of its own if that one has another e-mail: each stranger is listed once, and the phone stays where it was", async () => {
    const emails = ["anna", "boris", "vera", "gleb"].map((name) => `${name}@example.com`);
    for (const email of [...emails, ...emails]) {
      await insertLeads(sql, [{ email, phone: PHONE }]);
      await place();
    }
    const people = await peopleOfMessages();
    expect(new Set(people).size).toBe(4);
    expect(people.slice(4)).toEqual(people.slice(0, 4));
    expect(await duplicates()).toMatchObject(
      [1, 2, 3].map((n) => ({ type: "people", kept_id: people[0], other_id: people[n] })),
    );
    await insertLeads(sql, [{ phone: PHONE }]);
    await place();
    expect((await peopleOfMessages())[8]).toBe(people[0]);
  });

  test("is so within one statement, too, and with a key of its own later", async () => {
    await insertLeads(sql, [
      { email: EMAIL, phone: PHONE },
      { email: "b@example.com", phone: PHONE },
      { email: "b@example.com", phone: "+77009998877" },
      { phone: "+77009998877" },
    ]);
    await place();
    const [first, second, third, fourth] = await peopleOfMessages();
    expect(second).not.toBe(first);
    expect([third, fourth]).toEqual([second, second]);
  });

  test("is a person of its own if amoCRM has another e-mail on the card of the phone's person, and joins if it has this one", async () => {
    await insertLeads(sql, [{ phone: PHONE }]);
    await deliverAll(drainer, { contact_id: 501 });
    await sql`insert into amocrm.contacts (amocrm_contact_id, updated_at) values (501, now())`;
    await sql`insert into amocrm.contact_keys (type, key, amocrm_contact_id) values ('email', 'manager@example.com', 501)`;
    await insertLeads(sql, [
      { phone: PHONE, email: EMAIL },
      { phone: PHONE, email: "manager@example.com" },
    ]);
    await place();
    const [first, stranger, known] = await peopleOfMessages();
    expect(stranger).not.toBe(first);
    expect(known).toBe(first);
  });
});

describe("a number that people type who want to give none", () => {
  test("makes nobody one with anybody, also with nothing else", async () => {
    await insertLeads(sql, [
      { email: EMAIL, phone: "+7 777 777 77 77" },
      { email: "b@example.com", phone: "8 777 777 77 77" },
      { phone: "7777777777" },
      { phone: "7777777777" },
      { phone: "1234567890" },
    ]);
    await place();
    expect(new Set(await peopleOfMessages()).size).toBe(5);
    expect(await sql`select from amocrm.person_keys where type = 'phone'`).toHaveLength(0);
    expect(await duplicates()).toEqual([]);
  });
});

describe("a student", () => {
  const insertStudent = async (email: string, phone: string | null = null) =>
    sql`insert into tripwire_users (full_name, email, phone) values ('S', ${email}, ${phone})`;

  test("joins the person of the own lead, by e-mail or by a phone without one", async () => {
    await insertLeads(sql, [{ email: EMAIL }, { phone: PHONE }]);
    await insertStudent(EMAIL);
    await insertStudent("b@example.com", PHONE);
    await place();
    const [byEmail, byPhone, first, second] = await peopleOfMessages();
    expect([first, second]).toEqual([byEmail, byPhone]);
  });

  test("never joins another student's person, whichever key says so", async () => {
    await insertStudent(EMAIL, PHONE);
    await place();
    // A lead of hers brought a second e-mail to her person, as a correction may.
    await sql`insert into amocrm.person_keys (type, key, person_id) select 'email', 'b@example.com', min(person_id) from amocrm.people`;
    await insertStudent("c@example.com", PHONE);
    await insertStudent("b@example.com");
    await place();
    const people = await peopleOfMessages();
    expect(new Set(people).size).toBe(3);
    expect(await duplicates()).toMatchObject([
      { kept_id: people[0], other_id: people[1] },
      { kept_id: people[0], other_id: people[2] },
    ]);
  });

  test("is not merged with another student by a lead that names both", async () => {
    await insertStudent(EMAIL);
    await insertStudent("b@example.com", PHONE);
    await insertLeads(sql, [{ email: EMAIL, phone: PHONE }]);
    await place();
    const [first, second, lead] = await peopleOfMessages();
    expect(second).not.toBe(first);
    expect(lead).toBe(first);
    expect(await duplicates()).toMatchObject([{ kept_id: first, other_id: second }]);
  });

  test("whose row was made anew is the same person", async () => {
    await insertStudent(EMAIL, PHONE);
    await deliverAll(drainer, { contact_id: 501 });
    await sql`delete from tripwire_users`;
    await insertStudent(EMAIL, PHONE);
    await place();
    expect(new Set(await peopleOfMessages()).size).toBe(1);
  });
});
