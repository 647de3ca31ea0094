import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";
import { openPuller } from "../support/puller.ts";
import { ADMIN, OTHER_STUDENT_ID, openDataApi, STUDENT_ID } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const runAs = openDataApi(database);
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await setTestClock(NOON, sql, drainer.sql, superuser);
  await drainer.begin();
});

/** The one whom it is all about: nothing of these may be left anywhere. */
const ANN = { email: "ann@secret.example", phone: "+77071234567", name: "Ann Secret" };

const forget = async (email: string | null, phone: string | null = null) =>
  (await runAs(ADMIN, (session) => session`select amocrm_forget(${email}, ${phone}) as answer`))[0]?.[
    "answer"
  ];
const count = async (table: string): Promise<number> =>
  (await sql.unsafe(`select count(*) from ${table}`))[0]?.["count"];
const contact = (id: number, email: string, dealIds: number[] = []) => ({
  id,
  name: email === ANN.email ? ANN.name : "Bob",
  responsibleUserId: 1,
  companyId: null,
  dealIds,
  createdAt: 1,
  updatedAt: 1_900_000_000,
  isDeleted: false,
  rawFields: [{ field_code: "EMAIL", values: [{ value: email }] }],
});
const deal = (id: number, contactId: number) => ({
  id,
  name: contactId === 501 ? ANN.name : "Bob",
  price: 0,
  pipelineId: 1,
  statusId: 1,
  responsibleUserId: 1,
  companyId: null,
  contacts: [{ id: contactId, isMain: true }],
  rawFields: [],
  createdAt: 1,
  updatedAt: 1_900_000_000,
  closedAt: null,
  isDeleted: false,
});

/** Ann as landing lead, lead by another key, student with an account and a mail; Bob beside her. */
async function knowAnn(): Promise<void> {
  await sql`insert into auth.users (id, email, email_confirmed_at) values (${STUDENT_ID}, ${ANN.email}, now())`;
  await sql`insert into landing_leads (full_name, email, phone, source, consent_at, metadata)
    values (${ANN.name}, ' Ann@Secret.example', '8 (707) 123-45-67', 'webinar', ${noonPlus(-1000)}, '{"remark": "Ann Secret"}')`;
  await sql`insert into unified_lead_tracking (full_name, phone, utm_term) values (${ANN.name}, ${ANN.phone}, ${ANN.email})`;
  await sql`insert into landing_leads (email) values ('bob@example.com')`;
  await drainer.claim();
  await drainer.settle([
    {
      id: 1,
      verdict: "delivered",
      contact_id: 501,
      deal_id: 601,
      warnings: [{ code: "field_left_out", message: ANN.name }],
    },
    { id: 3, verdict: "delivered", contact_id: 502, deal_id: 602 },
  ]);
  await sql`insert into tripwire_users (user_id, full_name, email, phone) values (${STUDENT_ID}, ${ANN.name}, ${ANN.email}, '8 707 123 45 67')`;
  await superuser`insert into tripwire_certificates (student_id, user_id, number, verification_code, full_name, course_title, issued_on)
    select id, user_id, 'T-1', 'AAAAAAAAAAAAAAAAAAAA', full_name, 'Course', '2031-05-05' from tripwire_users where user_id = ${STUDENT_ID}`;
  await sql`insert into tripwire_lesson_progress (user_id, lesson_id, watched_seconds) values (${STUDENT_ID}, 67, 10)`;
  await superuser`select amocrm.store_contacts(${JSON.stringify([contact(501, ANN.email, [601, 603]), contact(502, "bob@example.com", [602])])}::text::jsonb)`;
  await superuser`select amocrm.store_deals(${JSON.stringify([deal(601, 501), deal(602, 502)])}::text::jsonb)`;
  await superuser`insert into amocrm.missing_deals values (603)`;
  await superuser`insert into amocrm.mails (message_id, kind, subject_id, body)
    select id, kind, subject_id, ${JSON.stringify({ to: ANN.email })}::text::jsonb from message_outbox`;
}

/** Every table of ours and of Auth that still holds one of the texts, in whatever column. */
async function tracesOf(...texts: string[]): Promise<string[]> {
  const tables = await superuser<{ name: string }[]>`
    select relnamespace::regnamespace || '.' || quote_ident(relname) as name from pg_class
    where relkind = 'r' and (relnamespace::regnamespace::text in ('public', 'amocrm', 'net') or oid = 'auth.users'::regclass)
      -- Texts that come with the migrations, in which the word secret stands.
      and oid <> 'amocrm.sentences'::regclass`;
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await superuser.unsafe(
      `select count(*) from ${name} as row where to_jsonb(row)::text ilike any ($1)`,
      [texts.map((text) => `%${text}%`)],
    );
    if (row?.["count"] > 0) found.push(name);
  }
  return found;
}

describe("amocrm_forget", () => {
  test("leaves nothing of the person in any table, whatever it was known by", async () => {
    await knowAnn();
    const texts = ["secret", "7071234567", "707 123 45 67", "707) 123-45-67"];
    expect((await tracesOf(...texts)).length).toBeGreaterThan(6);
    await forget(ANN.email);
    expect(await tracesOf(...texts)).toEqual([]);
  });

  test("tells what it did, and which contacts and deals are to be cleaned in amoCRM by hand", async () => {
    await knowAnn();
    expect(await forget(null, "8 707 123 45 67")).toEqual({
      leads: 2,
      landing_leads: 1,
      students: 1,
      accounts: 1,
      messages_cancelled: 3,
      messages_cleared: 4,
      mirrored_contacts: 1,
      mirrored_deals: 1,
      consents_kept: 1,
      inbox_events: 0,
      short_links: 0,
      loyalty_members: 0,
      sequence_entries: 0,
      maybe_in_amocrm: false,
      clean_in_amocrm: { contact_ids: [501], deal_ids: [601, 603] },
    });
    expect(await count("auth.users")).toBe(0);
    expect(await count("tripwire_lesson_progress")).toBe(0);
  });

  test("leaves everybody else as they were", async () => {
    await knowAnn();
    await forget(ANN.email, ANN.phone);
    expect(await sql`select email, amocrm_deal_id from unified_lead_tracking`).toEqual([
      { email: "bob@example.com", amocrm_deal_id: 602 },
    ]);
    expect(await sql`select amocrm_contact_id from amocrm.contacts`).toEqual([{ amocrm_contact_id: 502 }]);
    expect(await sql`select amocrm_deal_id from amocrm_deals`).toEqual([{ amocrm_deal_id: 602 }]);
    expect(await sql`select email_key from amocrm_outbox where email_key is not null`).toEqual([
      { email_key: "bob@example.com" },
    ]);
  });

  test("cancels what has not been sent, and nothing of the person goes out any more", async () => {
    await knowAnn();
    await forget(ANN.email);
    expect(await drainer.claim()).toEqual([]);
    const states =
      await sql`select distinct state from amocrm.outbox where payload = '{}' and email_key is null order by 1`;
    expect(states.map(({ state }) => state)).toEqual(["cancelled", "delivered"]);
  });

  test("keeps the proof of the consent: that it was given and withdrawn, when and where", async () => {
    await knowAnn();
    await forget(ANN.email);
    expect(await sql`select subject_table, source, given_at, withdrawn_at from amocrm.consents`).toEqual([
      {
        subject_table: "unified_lead_tracking",
        source: "webinar",
        given_at: noonPlus(-1000),
        withdrawn_at: expect.any(Date),
      },
    ]);
    const [proof] =
      await superuser`select amocrm.key_hash(${ANN.email}) = any (key_hashes) as is_hers from amocrm.consents`;
    expect(proof?.["is_hers"]).toBe(true);
  });

  test("is written down without the person", async () => {
    await knowAnn();
    await forget(ANN.email);
    const [action] = await sql`select action, arguments, result from amocrm_actions`;
    expect(action).toMatchObject({
      action: "forget",
      arguments: { by: "email" },
      result: { leads: 2, contacts_to_clean: 1 },
    });
    expect(JSON.stringify(action)).not.toMatch(/secret|707/i);
  });

  test("done twice, or of somebody unknown, finds nothing", async () => {
    await knowAnn();
    await forget(ANN.email);
    expect(await forget(ANN.email)).toMatchObject({
      leads: 0,
      students: 0,
      messages_cleared: 0,
      clean_in_amocrm: { contact_ids: [], deal_ids: [] },
    });
  });

  test("keeps the account of a manager who is a student as well", async () => {
    await sql`insert into auth.users (id, email, raw_app_meta_data) values (${OTHER_STUDENT_ID}, 'boss@example.com', '{"role": "sales_manager"}')`;
    await sql`insert into tripwire_users (user_id, email) values (${OTHER_STUDENT_ID}, 'boss@example.com')`;
    expect(await forget("boss@example.com")).toMatchObject({ students: 1, accounts: 0 });
    expect(await count("auth.users")).toBe(1);
  });

  test("waits for a message that is being sent at this moment", async () => {
    await sql`insert into unified_lead_tracking (email) values (${ANN.email})`;
    await drainer.claim();
    const error = await errorOf(forget(ANN.email));
    expect(error.code).toBe("55006");
    expect(error.hint).toContain("Try again in a minute");
    expect(await count("unified_lead_tracking")).toBe(1);
  });

  test.each([
    { of: [null, null], message: "neither p_email nor p_phone was given" },
    { of: ["ann", null], message: "p_email is not an e-mail address" },
    { of: [null, "12"], message: "p_phone is not a phone number" },
  ] as const)("refuses $of", async ({ of: [email, phone], message }) => {
    expect(await errorOf(forget(email, phone))).toMatchObject({ code: "22023", message });
  });

  test("refuses an e-mail and a phone that belong to two people, and forgets neither", async () => {
    await sql`insert into unified_lead_tracking (email, phone) values (${ANN.email}, null), (null, ${ANN.phone})`;
    await sql`select amocrm.place('amocrm', 10)`;
    expect(await errorOf(forget(ANN.email, ANN.phone))).toMatchObject({
      code: "22023",
      message: expect.stringContaining("belongs to person"),
    });
    expect(await count("unified_lead_tracking")).toBe(2);
  });
});

describe("the mirror", () => {
  const pull = async (rows: object[], entity: "contact" | "deal") => {
    const puller = openPuller(database);
    await setTestClock(NOON, puller.sql);
    await superuser`update amocrm.cursors set pulled_at = case when entity = ${entity} then null else amocrm.clock() end, is_complete = true, changed_until = amocrm.clock()`;
    const begun = await puller.begin();
    expect(begun.pull.entity).toBe(entity);
    await puller.page(begun.pull.id, rows);
    await puller.finish(begun.pull.id, NOON);
    await puller.end();
  };
  const mirrored = async () =>
    (await sql`select amocrm_contact_id as id from amocrm.contacts order by 1`).map(({ id }) => id);

  test("does not bring a forgotten person back by the next pull, by whatever contact, nor the deals", async () => {
    await knowAnn();
    await forget(ANN.email);
    await pull(
      [
        contact(501, "renamed@example.com", [601]),
        contact(509, ANN.email, [609]),
        contact(510, "new@example.com"),
      ],
      "contact",
    );
    expect(await mirrored()).toEqual([502, 510]);
    expect(await count("amocrm.missing_deals")).toBe(0);
    await pull([deal(601, 501), deal(611, 501), deal(612, 510)], "deal");
    expect((await sql`select amocrm_deal_id as id from amocrm_deals order by 1`).map(({ id }) => id)).toEqual(
      [602, 612],
    );
  });

  test("does not bring them back by the look before a batch either", async () => {
    await knowAnn();
    await forget(ANN.email);
    await drainer.sql`select amocrm_drain_look(${JSON.stringify([contact(501, ANN.email)])}::text::jsonb, null)`;
    expect(await mirrored()).toEqual([502]);
  });

  test("knows them again once they leave a new lead", async () => {
    await knowAnn();
    await forget(ANN.email);
    await sql`insert into unified_lead_tracking (email) values (${ANN.email})`;
    expect(await drainer.claim()).toHaveLength(1);
    expect(await count("amocrm.forgotten")).toBe(0);
    expect(await sql`select returned_at from amocrm.forgettings`).toEqual([{ returned_at: NOON }]);
    await drainer.sql`select amocrm_drain_look(${JSON.stringify([contact(501, ANN.email)])}::text::jsonb, null)`;
    expect(await mirrored()).toEqual([501, 502]);
    // That they once withdrew stays proven.
    expect(await count("amocrm.consents")).toBe(1);
  });

  test("keeps somebody else's contact that has the same phone in amoCRM", async () => {
    await knowAnn();
    await superuser`insert into amocrm.contact_keys values ('phone', ${ANN.phone}, 502)`;
    expect(await forget(ANN.email)).toMatchObject({ clean_in_amocrm: { contact_ids: [501] } });
    expect(await mirrored()).toEqual([502]);
  });
});
