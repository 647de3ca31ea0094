import { beforeEach, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";

const { sql } = await useDatabase();
const SUBJECT = "00000000-0000-4000-8000-000000000001";
const contact = (more: object = {}) => ({
  id: 7,
  name: "Ada",
  dealIds: [1],
  rawFields: [
    {
      field_id: 302,
      field_code: "EMAIL",
      field_name: "Email",
      field_type: "multitext",
      values: [
        { value: "ada@example.com", enum_id: 41, enum_code: "WORK" },
        { value: "a@example.com", enum_id: 42 },
      ],
    },
    {
      field_id: 303,
      field_code: "POSITION",
      field_name: "Job",
      field_type: "text",
      values: [{ value: "Poet" }],
    },
    "odd",
  ],
  createdAt: 1_700_000_000,
  updatedAt: 1_700_000_000,
  isDeleted: false,
  ...more,
});
const store = async (more: object = {}) =>
  (await sql`select * from amocrm.store_contacts(${JSON.stringify([contact(more)])}::text::jsonb)`)[0];
/** Where the row lies: another place means that it was written again, and left a dead one behind. */
const place = async () => (await sql`select ctid::text as place from amocrm.contacts`)[0]?.["place"];

beforeEach(() => setTestClock(NOON, sql));

test("a contact that says nothing new is not written again, one that does is", async () => {
  expect(await store()).toEqual({ new_count: 1, changed_count: 0 });
  const first = await place();
  expect(await store()).toEqual({ new_count: 0, changed_count: 0 });
  expect(await place()).toBe(first);
  expect(await store({ name: "Ada L." })).toEqual({ new_count: 0, changed_count: 1 });
  expect(await place()).not.toBe(first);
});

test("a tombstone that is read again is as fresh as that", async () => {
  await store({ isDeleted: true });
  await setTestClock(noonPlus(60_000), sql);
  await store({ isDeleted: true });
  expect(await sql`select read_at from amocrm.contacts`).toEqual([{ read_at: noonPlus(60_000) }]);
});

const kept = async () => (await sql`select custom_fields as kept from amocrm.contacts`)[0]?.["kept"];
const asRead = async () => (await sql`select amocrm.contact_as_read(7) -> 'fields' as fields`)[0]?.["fields"];
const emails = (...values: object[]) => ({ rawFields: [{ field_code: "EMAIL", values }] });

test("of a contact's fields the mirror keeps what tells one contact from another, and no e-mail twice", async () => {
  await store();
  const others = [
    { field_code: "EMAIL", values: [{ value: "a@example.com", enum_id: 42 }] },
    { field_id: 303, field_code: "POSITION", values: [{ value: "Poet" }] },
    "odd",
  ];
  expect(await kept()).toEqual(others);
  expect(await asRead()).toEqual([
    ...others,
    { field_code: "EMAIL", values: [{ value: "ada@example.com", enum_code: "WORK" }] },
  ]);
});

test("a contact with nothing but its keys keeps no fields, and is read with them", async () => {
  await store({
    rawFields: [
      { field_code: "EMAIL", values: [{ value: "ada@example.com", enum_code: "WORK", enum_id: 41 }] },
      { field_code: "PHONE", values: [{ value: "+79161234567" }] },
    ],
  });
  expect(await kept()).toBeNull();
  expect(await asRead()).toEqual([
    { field_code: "EMAIL", values: [{ value: "ada@example.com", enum_code: "WORK" }] },
    { field_code: "PHONE", values: [{ value: "+79161234567", enum_code: "WORK" }] },
  ]);
});

test.each([
  { how: "in another spelling", value: { value: "ADA@Example.com" } },
  { how: "of another kind", value: { value: "ada@example.com", enum_code: "PRIV" } },
  { how: "that is none", value: { value: "none" } },
  { how: "that is a number", value: { value: 7 } },
])("an e-mail $how is kept as it is, and told once", async ({ value }) => {
  await store(emails(value));
  expect(await kept()).toEqual([{ field_code: "EMAIL", values: [value] }]);
  expect(await asRead()).toEqual([{ field_code: "EMAIL", values: [value] }]);
});

test("an e-mail changed within the second of the last look is noticed, though both are kept as keys", async () => {
  await store(emails({ value: "ada@example.com" }));
  expect(await store(emails({ value: "bob@example.com" }))).toEqual({ new_count: 0, changed_count: 1 });
  expect(await sql`select key from amocrm.contact_keys`).toEqual([{ key: "bob@example.com" }]);
});

test("a contact that we made a moment ago is found by its keys before any list shows it", async () => {
  await sql`select amocrm.remember_contact(7, 'ada@example.com', null, true)`;
  expect(await sql`select amocrm.holders_of('email', 'ada@example.com', '{}') as ids`).toEqual([
    { ids: [7] },
  ]);
  expect(await asRead()).toEqual([
    { field_code: "EMAIL", values: [{ value: "ada@example.com", enum_code: "WORK" }] },
  ]);
  await store({ isDeleted: true });
  expect(await sql`select amocrm.holders_of('email', 'ada@example.com', '{}') as ids`).toEqual([{ ids: [] }]);
});

test("a link that is told again is not written again, and another id is", async () => {
  const link = (dealId: number) =>
    sql`select amocrm.link(${JSON.stringify([{ subject_table: "unified_lead_tracking", subject_id: SUBJECT, deal_id: dealId }])}::text::jsonb)`;
  const row = async () =>
    (await sql`select ctid::text as place, deal_id::int as id from amocrm.linked_rows`)[0];
  await link(5);
  const first = await row();
  await link(5);
  expect(await row()).toEqual(first);
  await link(6);
  expect(await row()).toMatchObject({ id: 6 });
});
