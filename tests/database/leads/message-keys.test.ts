import { expect, test } from "vitest";
import { DUMMY_CASES, EMAIL_CASES, PHONE_CASES } from "../../unit/platform/contact-key-cases.ts";
import { useDatabase } from "../support/database.ts";

const { sql } = await useDatabase();

/** Saves a lead of each pair in one statement, places their messages and shows the keys of each beside its row. */
async function placeAll(pairs: { email: string; phone: string }[]) {
  await sql`insert into public.unified_lead_tracking (email, phone)
    select pair.email, pair.phone from jsonb_to_recordset(${JSON.stringify(pairs)}::text::jsonb) as pair (email text, phone text)
    where length(pair.email) <= 320 and length(pair.phone) <= 64`;
  await sql`select amocrm.place_all('amocrm')`;
  const rows = await sql`select lead.email, lead.phone, outbox.email_key, outbox.phone_key,
      outbox.email_key is not distinct from amocrm.normalize_email(lead.email)
        and outbox.phone_key is not distinct from amocrm.normalize_phone(lead.phone) as is_same
    from public.unified_lead_tracking as lead join amocrm.outbox on outbox.subject_id = lead.id and outbox.kind = 'lead.created'`;
  return rows;
}

test("a placed message has the keys of its lead, and none where nothing typed is one", async () => {
  const rows = await placeAll([
    ...EMAIL_CASES.map(([email]) => ({ email: email ?? "", phone: "+79001234567" })),
    ...[...PHONE_CASES, ...DUMMY_CASES].map(([phone]) => ({ email: "ada@mail.example", phone: phone ?? "" })),
  ]);
  expect(rows.filter((row) => row["is_same"] !== true)).toEqual([]);
  const [emails, phones] = ["email_key", "phone_key"].map((key) => ({
    keys: rows.filter((row) => row[key] !== null).length,
    none: rows.filter((row) => row[key] === null).length,
  }));
  for (const { keys, none } of [emails, phones].filter((counts) => counts !== undefined)) {
    expect(keys).toBeGreaterThan(10);
    expect(none).toBeGreaterThan(3);
  }
});

test("what is no address makes nobody one person, however often it is typed", async () => {
  await sql`insert into public.unified_lead_tracking (email, phone)
    values ('по телефону', '+79161110001'), ('по телефону', '+79161110002'), (null, '+79161110003')`;
  await sql`insert into public.tripwire_users (full_name, email, phone)
    values ('Ada', 'по телефону', '+79161110004'), ('Bob', 'по телефону', '+79161110005')`;
  const fresh = await sql`select email_key from amocrm.outbox where is_fresh and email_key is not null`;
  expect(fresh.map((row) => row["email_key"])).toEqual(Array(4).fill("по телефону"));
  await sql`select amocrm.place_all('amocrm')`;
  const placed = await sql`select count(distinct person_id)::int as people, count(email_key)::int as emails
    from amocrm.outbox where phone_key like '+7916111000_'`;
  expect(placed).toEqual([{ people: 5, emails: 0 }]);
  expect(await sql`select from amocrm.person_keys where key = 'по телефону'`).toHaveLength(0);
});

test("what the message says of its queue, place and handler is what its kind says", async () => {
  await sql`update amocrm.kinds set priority = 3, has_handler = false where kind = 'lead.created'`;
  const [lead] =
    await sql`insert into public.unified_lead_tracking (email) values ('kind@mail.example') returning id`;
  const [message] =
    await sql`select queue, kind, priority, is_fresh from amocrm.outbox where subject_id = ${lead?.["id"]}`;
  expect(message).toEqual({ queue: "amocrm", kind: "lead.created", priority: 3, is_fresh: false });
});
