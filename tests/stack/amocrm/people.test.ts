import { afterAll, beforeAll, expect, test } from "vitest";
import { crmOf, valuesOf } from "../support/crm.ts";
import { leave, type System, startSystem } from "../support/system.ts";

let system: System;
let crm: ReturnType<typeof crmOf>;
beforeAll(async () => {
  system = await startSystem();
  crm = crmOf(system.simulator);
});
afterAll(() => system.stop());

const email = (n: number) => `person${n}@mail.example`;
const phone = (n: number) => `+7900000${String(1000 + n)}`;
const contactsWith = (value: string) =>
  crm
    .contacts()
    .filter((contact) => [...valuesOf(contact, "EMAIL"), ...valuesOf(contact, "PHONE")].includes(value));

test("twenty people who leave only an e-mail, then only a phone, then both before anything is sent are twenty contacts", async () => {
  await system.sql`select amocrm_pause('the test collects leads first')`;
  for (let n = 0; n < 20; n++) await leave(system, { full_name: `P${n}`, email: email(n), source: "a" });
  for (let n = 0; n < 20; n++) await leave(system, { full_name: `P${n}`, phone: phone(n), source: "a" });
  for (let n = 0; n < 20; n++)
    await leave(system, { full_name: `P${n}`, email: email(n), phone: phone(n), source: "a" });
  await system.sql`select amocrm_resume()`;
  await system.delivered();
  const contacts = crm.contacts();
  console.log(`60 leads of 20 people: ${contacts.length} contacts, ${crm.deals().length} deals`);
  // The e-mail-only lead may be on its way before the third one tells that both are one person: then rule 2 lists the pair.
  const listed = await system.sql`select kept_id, other_id from amocrm_duplicates where type = 'people'`;
  expect(contacts.length).toBe(20 + listed.length);
  expect(crm.deals()).toHaveLength(contacts.length);
});

test("a person known by e-mail and by phone as two contacts is not merged: the e-mail wins and the pair is listed", async () => {
  await leave(system, { full_name: "Q", email: "q@mail.example", source: "a" });
  await leave(system, { full_name: "Q", phone: "+79005550001", source: "a" });
  await system.delivered();
  await leave(system, { full_name: "Q", email: "q@mail.example", phone: "+79005550001", source: "a" });
  await system.delivered();
  expect(contactsWith("q@mail.example")).toHaveLength(1);
  expect(await system.sql`select 1 from amocrm_duplicates where type = 'people'`).not.toHaveLength(0);
});

test("strangers whose e-mail and phone are mixed in one submission stay strangers, and the pair is shown", async () => {
  await leave(system, { full_name: "R", email: "r@mail.example", phone: "+79005550011", source: "a" });
  await leave(system, { full_name: "S", email: "s@mail.example", phone: "+79005550012", source: "a" });
  await system.delivered();
  const before = crm.contacts().length;
  await leave(system, { full_name: "R", email: "r@mail.example", phone: "+79005550012", source: "a" });
  await system.delivered();
  expect(crm.contacts()).toHaveLength(before);
  const [message] =
    await system.sql`select amocrm_contact_id::int as contact from amocrm_outbox order by id desc limit 1`;
  expect(contactsWith("r@mail.example").map(({ id }) => id)).toContain(message?.["contact"]);
  const [pair] =
    await system.sql`select reason from amocrm_duplicates where type = 'people' order by id desc limit 1`;
  expect(pair?.["reason"]).toContain("one submission names the e-mail of one and the phone of the other");
});
