import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../../support/database.ts";
import { type Drainer, openDrainer } from "../../support/drainer.ts";
import { insertLeads } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: Drainer;
let id: number;
beforeEach(async () => {
  drainer = openDrainer(database);
  await drainer.begin();
  await insertLeads(sql, [{ email: "ada@example.com" }]);
  id = (await drainer.claim())[0]?.id ?? 0;
});

const personsContact = async () => (await sql`select amocrm_contact_id as id from amocrm.people`)[0]?.["id"];
const giveContact = (contactId: number) => sql`update amocrm.people set amocrm_contact_id = ${contactId}`;
const markDeleted = (contactId: number) =>
  sql`insert into amocrm.contacts (amocrm_contact_id, updated_at, is_deleted) values (${contactId}, now(), true)`;
const settle = (contactId: number) =>
  drainer.settle([{ id, verdict: "delivered", contact_id: contactId, deal_id: 601 }]);

describe("the contact of a person, when a message is delivered with another", () => {
  test("stays: it replaced the message's while that was long on its way", async () => {
    await giveContact(502);
    await settle(501);
    expect(await personsContact()).toBe(502);
    const [message] = await sql`select amocrm_contact_id as id from amocrm_outbox`;
    expect(message?.["id"]).toBe(501);
  });

  test("is the message's, for want of one", async () => {
    await settle(501);
    expect(await personsContact()).toBe(501);
  });

  test("is none, for want of one, if the message's is known to be deleted", async () => {
    await markDeleted(501);
    await settle(501);
    expect(await personsContact()).toBeNull();
  });
});

describe("the person's contact goes before the message's own", () => {
  beforeEach(async () => {
    await drainer.record([{ id, progress: {}, contact_id: 501 }]);
    await giveContact(502);
    await drainer.release([id]);
  });

  test("when the message is claimed again", async () => {
    expect(await drainer.claim()).toMatchObject([{ id, contactId: 502 }]);
  });

  test("when it is matched", async () => {
    await drainer.claim();
    const [row] = await drainer.sql`select amocrm_drain_match(${[id]}::bigint[]) as matches`;
    expect(row?.["matches"]).toMatchObject([{ by: "link", contact: { id: 502 } }]);
  });

  test("when it turns out to be gone: that one is dropped, and known to be gone", async () => {
    await sql`insert into amocrm.contacts (amocrm_contact_id, updated_at, is_deleted) values (501, now(), false), (502, now(), false)`;
    await drainer.claim();
    await drainer.record([{ id, progress: {}, drops_contact: true }]);
    expect(await personsContact()).toBeNull();
    const gone = await sql`select amocrm_contact_id as id from amocrm.contacts where is_deleted`;
    expect(gone.map((row) => row["id"])).toEqual([502]);
  });
});

test("a pair that a message comes upon is listed with what it records, since its worker may die before it settles", async () => {
  const pair = { type: "contact", kept_id: 501, other_id: 502, reason: "both have the same email" };
  for (let time = 0; time < 2; time++) await drainer.record([{ id, progress: {}, duplicates: [pair] }]);
  await drainer.settle([{ id, verdict: "delivered", contact_id: 501, deal_id: 601, duplicates: [pair] }]);
  expect(await sql`select type, kept_id::int, other_id::int from amocrm_duplicates`).toEqual([
    { type: "contact", kept_id: 501, other_id: 502 },
  ]);
});
