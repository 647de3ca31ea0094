import { beforeEach, expect, test } from "vitest";
import { NOON, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";

const { sql } = await useDatabase();
const ADA = "ada@example.com";
const PHONE = "+79161234567";

const store = (updatedAt: number, ...emails: string[]) =>
  sql`select amocrm.store_contacts(${JSON.stringify([
    {
      id: 7,
      name: "Ada",
      dealIds: [],
      rawFields: [{ field_code: "EMAIL", values: emails.map((value) => ({ value })) }],
      createdAt: updatedAt,
      updatedAt,
      isDeleted: false,
    },
  ])}::text::jsonb)`;
const listed = async () =>
  (await sql`select key from amocrm.contact_keys where amocrm_contact_id = 7 order by key`).map(
    ({ key }) => key,
  );
const ours = async () =>
  (await sql`select key from amocrm.card_values where amocrm_contact_id = 7 order by key`).map(
    ({ key }) => key,
  );
const makeOurs = (...keys: string[]) =>
  sql`insert into amocrm.card_keys (amocrm_contact_id, key, is_ours) select 7, key, true from unnest(${keys}::text[]) as key
    on conflict (key, other_account, amocrm_contact_id) do update set is_ours = true`;

beforeEach(() => setTestClock(NOON, sql));

test("a key that the card no longer has is still known to be ours, and listed again when it is back", async () => {
  await store(1_700_000_000, ADA, "a@example.com");
  await makeOurs(ADA);
  await store(1_700_000_001, "a@example.com");
  expect([await listed(), await ours()]).toEqual([["a@example.com"], [ADA]]);
  await store(1_700_000_002, ADA);
  expect([await listed(), await ours()]).toEqual([[ADA], [ADA]]);
});

test("a key of ours that no list shows yet is none of the card's", async () => {
  await store(1_700_000_000, ADA);
  await makeOurs(PHONE);
  expect([await listed(), await ours()]).toEqual([[ADA], [PHONE]]);
  await sql`select amocrm.remember_contact(7, null, ${PHONE}, false)`;
  expect(await listed()).toEqual([PHONE, ADA]);
});

test("what was taken off a card is neither listed nor ours, and its row goes", async () => {
  await store(1_700_000_000, ADA, "a@example.com");
  await makeOurs(ADA, PHONE);
  const gone = JSON.stringify({ email: ADA, phone: PHONE });
  await sql`select amocrm.drop_card_values(7, ${gone}::text::jsonb)`;
  expect([await listed(), await ours()]).toEqual([["a@example.com", ADA], []]);
  await sql`select amocrm.take_off_mirror(7, ${gone}::text::jsonb)`;
  expect(await sql`select key from amocrm.card_keys`).toEqual([{ key: "a@example.com" }]);
});

test("forgetting takes all keys of a person's cards, and on other cards only that they were ours", async () => {
  await store(1_700_000_000, ADA);
  await makeOurs(ADA, PHONE);
  await sql`insert into amocrm.card_keys (amocrm_contact_id, key, is_listed, is_ours) values
    (8, ${ADA}, true, true), (8, ${PHONE}, false, true), (8, 'b@example.com', true, true)`;
  await sql`select amocrm.forget_card_values(${[ADA, PHONE]}, ${[7]}::bigint[])`;
  expect(
    await sql`select amocrm_contact_id::int as id, key, is_ours from amocrm.card_keys order by key`,
  ).toEqual([
    { id: 8, key: ADA, is_ours: false },
    { id: 8, key: "b@example.com", is_ours: true },
  ]);
});
