import { expect, test } from "vitest";
import type { Contact } from "#shared/amocrm/api/entities.ts";
import { createOutboxStore } from "#shared/amocrm/drain/store.ts";
import { createPullStore } from "#shared/amocrm/pull/store.ts";
import { NOON, noonPlus, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { openDrainer } from "../../support/drainer.ts";
import { insertLeads } from "../../support/leads.ts";
import { contactRow, openPuller } from "../../support/puller.ts";
import { openRpc } from "../../support/rpc.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const service = database.connect({ user: "authenticator", role: "service_role" });
const rpc = await openRpc(service);

const phoneOf = (index: number): string => `+7701${String(index).padStart(7, "0")}`;
const phonesField = (count: number, from = 0): object => ({
  field_code: "PHONE",
  values: Array.from({ length: count }, (_, index) => ({ value: phoneOf(from + index) })),
});
const contact = (id: number, more: Partial<Contact> = {}): Contact =>
  ({ ...contactRow(id, 1000), fields: [], ...more }) as Contact;
/** A contact whose e-mail is both in the fields as parsed and in those as they came. */
const withEmail = (id: number, email: string, more: Partial<Contact> = {}): Contact =>
  contact(id, {
    fields: [
      {
        fieldId: 1,
        fieldCode: "EMAIL",
        fieldType: "multitext",
        values: [{ value: email, enumId: null, enumCode: null }],
      },
    ],
    rawFields: [{ field_code: "EMAIL", values: [{ value: email }] }],
    ...more,
  });
const keysOf = async (id: number): Promise<string[]> =>
  (await sql`select key from amocrm.contact_keys where amocrm_contact_id = ${id} order by key`).map(
    ({ key }) => key,
  );
const setAside = () => sql`select entity, amocrm_id as id, reason from amocrm.set_aside order by 1, 2`;

/** How often numbers are normalised while a contact that is known already is stored with so many phones. */
async function normalisations(phoneCount: number): Promise<number> {
  const store = (from: number, updatedAt: number) =>
    superuser`select * from amocrm.store_contacts(${JSON.stringify([
      contactRow(7, updatedAt, { rawFields: [phonesField(phoneCount, from)] }),
    ])}::text::jsonb)`;
  // They are counted on over transactions.
  const calls = async () =>
    Number(
      (
        await superuser`select calls from pg_stat_xact_user_functions where funcname = 'normalize_phone'`
      )[0]?.["calls"] ?? 0,
    );
  await superuser`delete from amocrm.contacts`;
  await superuser`set track_functions = 'all'`;
  await superuser`begin`;
  const before = await calls();
  await store(0, 1000);
  await store(1, 2000);
  const count = (await calls()) - before;
  await superuser`commit`;
  return count;
}

test("storing a contact takes work that its phones multiply, and not their square; and never more than for 25 of them", async () => {
  const [ten, twenty, thousand] = [
    await normalisations(10),
    await normalisations(20),
    await normalisations(1000),
  ];
  expect(twenty).toBe(2 * ten);
  expect(thousand).toBe(2.5 * ten);
});

test("a contact with a thousand phones is known by the first 25, and forgets those that it loses", async () => {
  await superuser`select * from amocrm.store_contacts(${JSON.stringify([contactRow(7, 1000, { rawFields: [phonesField(1000)] })])}::text::jsonb)`;
  expect(await keysOf(7)).toEqual(Array.from({ length: 25 }, (_, index) => phoneOf(index)));
  await superuser`select * from amocrm.store_contacts(${JSON.stringify([contactRow(7, 2000, { rawFields: [phonesField(1000, 5)] })])}::text::jsonb)`;
  expect(await keysOf(7)).toEqual(Array.from({ length: 25 }, (_, index) => phoneOf(index + 5)));
});

test("of a placeholder number on thousands of cards ten others are named", async () => {
  await insertLeads(sql, [{ phone: "+77011234567" }]);
  const drainer = openDrainer(database);
  await drainer.begin();
  const [claimed] = await drainer.claim();
  const rows = Array.from({ length: 3000 }, (_, index) =>
    contactRow(index + 1, 1000 + index, {
      rawFields: [{ field_code: "PHONE", values: [{ value: "+77011234567" }] }],
    }),
  );
  await superuser`select * from amocrm.store_contacts(${JSON.stringify(rows)}::text::jsonb)`;
  const [row] = await service`select amocrm_drain_match(${[claimed?.id ?? 0]}::bigint[]) as matches`;
  expect(row?.["matches"][0]).toMatchObject({ contact: { id: 3000 } });
  expect(row?.["matches"][0].otherIds).toEqual([2999, 2998, 2997, 2996, 2995, 2994, 2993, 2992, 2991, 2990]);
});

const ODD: [string, Partial<Contact>][] = [
  ["an id beyond any", { responsibleUserId: 1e30 }],
  ["half an id", { companyId: 1.5 }],
  ["a deal without a number", { dealIds: ["x"] as never }],
  ["a list where there should be rows of fields", { rawFields: { 0: "odd" } as never }],
];

test.each(ODD)("a look with a contact that has %s is stored, and that one by its keys", async (_, odd) => {
  await setTestClock(NOON, sql, service);
  const store = createOutboxStore(rpc);
  const rows = [...Array(9).keys()].map((index) => withEmail(index + 1, `c${index + 1}@example.com`));
  rows[4] = withEmail(5, "odd@example.com", odd);
  await store.storeLook(rows, noonPlus(60_000).toISOString());
  expect(await sql`select count(*)::int as count from amocrm.contacts`).toEqual([{ count: 9 }]);
  expect(await keysOf(5)).toEqual(["odd@example.com"]);
  expect(await setAside()).toEqual([
    { entity: "contact", id: 5, reason: expect.stringMatching(/^The database refuses it \(2[23]/) },
  ]);
  expect(
    (await sql`select changed_until as at from amocrm.cursors where entity = 'contact'`)[0]?.["at"],
  ).toEqual(noonPlus(60_000));
  const [health] = await sql`select notice from amocrm_health`;
  expect(health?.["notice"]).toContain("Of 1 contact (5) in amoCRM the mirror holds the ids and keys only");
  // Corrected in amoCRM: it is like any other again.
  await store.storeLook([withEmail(5, "odd@example.com", { updatedAt: 2000 })], null);
  expect(await setAside()).toEqual([]);
});

test("a page of a pull is stored without what the database refuses, together with where the run stands next", async () => {
  const puller = openPuller(database);
  await setTestClock(NOON, puller.sql, service);
  const pulls = createPullStore(rpc);
  const [granted] = [await puller.begin()];
  const id = granted?.pull.id ?? 0;
  const position = {
    kind: "first",
    startedAt: 1,
    changedFrom: 0,
    deletedFrom: 0,
    clockOffset: 0,
    limit: 250,
    hasWalked: false,
    isUnordered: false,
    phase: "through",
  } as const;
  const rows = [
    withEmail(1, "a@example.com"),
    withEmail(2, "b@example.com", { companyId: 1.5 }),
    withEmail(3, "c@example.com"),
  ];
  expect(await pulls.page(puller.token, id, { rows, position, asked: [], pagesLeft: 3 })).toMatchObject({
    isRefused: false,
  });
  expect(await sql`select amocrm_contact_id as id, name from amocrm.contacts order by 1`).toEqual([
    { id: 1, name: "C1" },
    { id: 2, name: "" },
    { id: 3, name: "C3" },
  ]);
  expect(await setAside()).toMatchObject([{ entity: "contact", id: 2 }]);
  expect(await sql`select page_count from amocrm.pulls`).toEqual([{ page_count: 1 }]);
  expect(
    await sql`select position ->> 'phase' as phase from amocrm.cursors where entity = 'contact'`,
  ).toEqual([{ phase: "through" }]);
});

test("what a pull met out of the order by id is named in health, in both languages", async () => {
  const pulls = createPullStore(rpc);
  await pulls.setAside("contact", 2_147_483_648, "Listed out of the order by id");
  await pulls.setAside("deal", null, "Listed in another order than by id");
  const [health] = await sql`select notice, amocrm_in_russian(notice) as russian from amocrm_health`;
  expect(health?.["notice"]).toContain(
    "amoCRM lists 1 contact (2147483648) out of the order by id, so that id may be wrong: look there.",
  );
  expect(health?.["notice"]).toContain(
    "amoCRM lists deals in another order than by id: a whole reading takes twice the requests.",
  );
  expect(health?.["notice"]).not.toContain("keys only");
  expect(health?.["russian"]).toContain("не на своём месте по номеру: 1 контакт (2147483648)");
  expect(health?.["russian"]).toContain("amoCRM отдаёт сделки не по порядку номеров");
});

test("a deal with a price beyond any is mirrored without", async () => {
  await sql`update amocrm.cursors set pulled_at = ${NOON} where entity = 'contact'`;
  const puller = openPuller(database);
  await setTestClock(NOON, puller.sql, service);
  const begun = await puller.begin();
  expect(begun.pull.entity).toBe("deal");
  const deal = {
    id: 9,
    name: "D",
    price: 1e300,
    pipelineId: 1,
    statusId: 142,
    responsibleUserId: 1,
    createdAt: 1,
    updatedAt: 5,
    closedAt: 0,
    isDeleted: false,
    companyId: null,
    contacts: [],
    tags: [],
    fields: [],
    rawFields: [],
  };
  const position = {
    kind: "first",
    startedAt: 1,
    changedFrom: 0,
    deletedFrom: 0,
    clockOffset: 0,
    limit: 250,
    hasWalked: false,
    isUnordered: false,
    phase: "through",
  } as const;
  await createPullStore(rpc).page(puller.token, begun.pull.id, {
    rows: [deal],
    position,
    asked: [],
    pagesLeft: 0,
  });
  expect(await sql`select amocrm_deal_id as id, price, status_id from amocrm_deals`).toEqual([
    { id: 9, price: null, status_id: 142 },
  ]);
  expect(await setAside()).toMatchObject([{ entity: "deal", id: 9 }]);
});

test.each([
  ["in milliseconds", 1_800_000_000_000],
  ["in microseconds", 1_800_000_000_000_000],
  ["in a year", Math.floor(NOON.getTime() / 1000) + 365 * 86_400],
  ["never", 0],
])("a contact that says it was changed %s is replaced by whatever is told next", async (_, updatedAt) => {
  const store = (row: object) =>
    superuser`select * from amocrm.store_contacts(${JSON.stringify([row])}::text::jsonb)`;
  const names = () => sql`select name from amocrm.contacts`;
  await setTestClock(NOON, superuser);
  await store(contactRow(1, Math.floor(NOON.getTime() / 1000) - 60, { name: "before" }));
  await store(contactRow(1, updatedAt, { name: "misdated" }));
  expect(await names()).toEqual([{ name: "misdated" }]);
  await store(contactRow(1, Math.floor(NOON.getTime() / 1000) - 30, { name: "after" }));
  expect(await names()).toEqual([{ name: "after" }]);
  await store(contactRow(1, Math.floor(NOON.getTime() / 1000) - 90, { name: "older" }));
  expect(await names()).toEqual([{ name: "after" }]);
});
