import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, noonPlus, SECOND_MS, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { openDrainer } from "../../support/drainer.ts";
import { messages } from "../../support/leads.ts";
import { STUDENT } from "../../support/roles.ts";
import { openVisits, type VisitOptions } from "../../support/visits.ts";

const database = await useDatabase();
const { sql } = database;
const visit = openVisits(database);

beforeEach(async () => {
  await sql`update amocrm_form_limits set per_address_count = 30, fair_count = 2, total_count = 6, flood_count = 12,
    per_address_seconds = 600, total_seconds = 600`;
});

let next = 0;
const address = (n: number) => `198.51.100.${n}`;
const leave = (from: string | null, options: VisitOptions = {}, lead: Record<string, unknown> = {}) =>
  visit([{ email: `v${next++}@example.com`, ...lead }], { address: from, ...options });
/** So many leads of each of these addresses, address after address. */
async function crowd(addresses: readonly string[], each: number, options: VisitOptions = {}) {
  for (const from of addresses) for (let n = 0; n < each; n++) await leave(from, options);
}
const held = async () =>
  (
    await sql<
      { reason: string; email: string }[]
    >`select q.reason, lead.email from amocrm.quarantined_leads as q
      join unified_lead_tracking as lead on lead.id = q.lead_id order by lead.created_at, lead.email`
  ).map(({ reason, email }) => `${reason} ${email}`);
const waiting = async () => (await messages(sql)).map(({ email_key }) => email_key);

describe("while no more comes in than usual", () => {
  test("an address's first lead goes out before anybody's second, and so on", async () => {
    await crowd([address(1)], 4);
    await crowd([address(2)], 1);
    const rows = await sql`select priority, lane from amocrm_outbox order by id`;
    expect(rows.map(({ priority }) => priority)).toEqual([5, 6, 7, 8, 5]);
    const drainer = openDrainer(database);
    await setTestClock(noonPlus(SECOND_MS), drainer.sql);
    await drainer.begin();
    const order = (await drainer.claim(3)).map(({ id }) => id).sort();
    expect(order).toEqual([1, 2, 5]);
  });

  test("leads of one request stand behind each other as if they had come one by one", async () => {
    await visit([{ email: "a@example.com" }, { email: "b@example.com" }], { address: address(1) });
    await crowd([address(1)], 4);
    const rows = await sql`select priority from amocrm_outbox order by id`;
    expect(rows.map(({ priority }) => priority)).toEqual([6, 6, 7, 8, 9, 9]);
  });

  test("leads without an address stand in line with the others", async () => {
    for (let n = 0; n < 6; n++) await leave(null);
    expect((await sql`select distinct priority from amocrm_outbox`).map((row) => row["priority"])).toEqual([
      5,
    ]);
    expect(await held()).toEqual([]);
  });
});

describe("when more comes in than usual", () => {
  test("a network that sends much is quarantined, and a newcomer's lead goes out at once", async () => {
    await crowd([address(1), address(2), address(3)], 2);
    expect(await held()).toEqual([]);
    await leave(address(1), {}, { email: "attack@example.com" });
    await leave(address(9), {}, { email: "newcomer@example.com" });
    expect(await held()).toEqual(["flood attack@example.com"]);
    expect(await waiting()).toContain("newcomer@example.com");
    expect(await waiting()).not.toContain("attack@example.com");
    const saved = await sql`select email from landing_leads where email = 'attack@example.com'`;
    expect(saved).toHaveLength(1);
  });

  test("the /48 of IPv6 is one network, since it comes free with a rented server", async () => {
    for (let n = 1; n <= 8; n++) await leave(`2001:db8:1:${n}::1`, {}, { email: `six${n}@example.com` });
    expect(await held()).toEqual(["flood six7@example.com", "flood six8@example.com"]);
    await leave("2001:db8:2:1::1", {}, { email: "elsewhere@example.com" });
    expect(await waiting()).toContain("elsewhere@example.com");
  });

  test("leads without an address cannot be told apart, and are quarantined", async () => {
    for (let n = 1; n <= 7; n++) await leave(null, {}, { email: `n${n}@example.com` });
    expect(await held()).toEqual(["flood n7@example.com"]);
  });

  test("few addresses cannot shut everybody else out, however much they send", async () => {
    await crowd([address(1), address(2), address(3)], 10);
    await leave(address(9), {}, { email: "newcomer@example.com" });
    expect(await waiting()).toContain("newcomer@example.com");
    // Six while that was not more than usual, then two for each further address.
    expect(await messages(sql)).toHaveLength(6 + 2 + 2 + 1);
  });

  test("it is over when the leads have left the window", async () => {
    await crowd([address(1), address(2), address(3)], 2);
    await leave(address(1), { at: noonPlus(599 * SECOND_MS) }, { email: "early@example.com" });
    await leave(address(1), { at: noonPlus(600 * SECOND_MS) }, { email: "late@example.com" });
    expect(await held()).toEqual(["flood early@example.com"]);
    expect(await waiting()).toContain("late@example.com");
  });

  test("a lead of another table's trigger is quarantined by its address, never refused", async () => {
    await sql.unsafe(`create table public.quiz_answers (mail text);
      alter table public.quiz_answers enable row level security;
      grant insert on public.quiz_answers to anon;
      create policy visitors on public.quiz_answers for insert to anon with check (true);
      create function public.quiz_to_leads() returns trigger language plpgsql security definer set search_path = '' as $$
      begin
        insert into public.unified_lead_tracking (email) select new_rows.mail from new_rows;
        return null;
      end $$;
      create trigger copy after insert on public.quiz_answers referencing new table as new_rows
        for each statement execute function public.quiz_to_leads();
      update public.amocrm_form_limits set per_address_count = 2`);
    try {
      const runs = database.connect({ user: "authenticator" });
      for (let n = 1; n <= 3; n++) {
        await runs.unsafe(`begin; set local role anon;
          select set_config('request.headers', '{"cf-connecting-ip": "203.0.113.7"}', true);
          insert into public.quiz_answers values ('quiz${n}@example.com'); commit`);
      }
    } finally {
      await sql.unsafe("drop table public.quiz_answers; drop function public.quiz_to_leads()");
    }
    expect(await held()).toEqual(["address quiz3@example.com"]);
  });
});

describe("in a flood from everywhere", () => {
  beforeEach(async () => {
    for (let n = 1; n <= 12; n++) await leave(address(n));
    expect(await held()).toEqual([]);
  });

  test("what nobody knows is saved without a message, and the number of messages is bounded", async () => {
    for (let n = 20; n < 60; n++) expect((await leave(address(n))).code).toBe("ok");
    expect(await messages(sql)).toHaveLength(12);
    expect(await held()).toHaveLength(40);
  });

  test("somebody whom amoCRM has goes through by his e-mail or his phone", async () => {
    await sql`insert into amocrm.contacts (amocrm_contact_id, updated_at) values (501, now())`;
    await sql`insert into amocrm.contact_keys (type, key, amocrm_contact_id)
      values ('email', 'known@example.com', 501), ('phone', '+77071234567', 501)`;
    await leave(address(20), {}, { email: "KNOWN@example.com" });
    await leave(address(21), {}, { email: "new@example.com", phone: "8 707 123 45 67" });
    expect(await held()).toEqual([]);
    expect(await messages(sql)).toHaveLength(14);
  });

  test("a known person's address lets a few leads through and no more, whoever writes them", async () => {
    await sql`insert into amocrm.contacts (amocrm_contact_id, updated_at) values (501, now())`;
    await sql`insert into amocrm.contact_keys (type, key, amocrm_contact_id) values ('email', 'boss@example.com', 501)`;
    for (let n = 20; n < 30; n++) await leave(address(n), {}, { email: "boss@example.com" });
    expect(await held()).toHaveLength(8);
    expect(await messages(sql)).toHaveLength(14);
  });

  test("a person who was here before goes through, one who came with the flood does not", async () => {
    const before = noonPlus(-DAY_MS - SECOND_MS);
    await setTestClock(before, sql);
    await sql`insert into amocrm.people (created_at) values (${before}), (${noonPlus(-60 * SECOND_MS)})`;
    await sql`insert into amocrm.person_keys (type, key, person_id)
      select 'email', case row_number() over (order by created_at) when 1 then 'old@example.com' else 'fresh@example.com' end,
        person_id from amocrm.people`;
    await leave(address(20), {}, { email: "old@example.com" });
    await leave(address(21), {}, { email: "fresh@example.com" });
    expect(await held()).toEqual(["flood fresh@example.com"]);
  });

  test("the flood lasts as long as it goes on, also while all of it is quarantined", async () => {
    for (let n = 20; n < 32; n++) await leave(address(n), { at: noonPlus(500 * SECOND_MS) });
    await leave(address(40), { at: noonPlus(700 * SECOND_MS) }, { email: "meanwhile@example.com" });
    expect(await held()).toContain("flood meanwhile@example.com");
    await leave(address(41), { at: noonPlus(1301 * SECOND_MS) }, { email: "after@example.com" });
    expect(await waiting()).toContain("after@example.com");
  });

  test("nobody is refused who is below the limit of his own address, signed in or not", async () => {
    expect((await leave(address(50), { caller: STUDENT })).code).toBe("ok");
    expect((await leave(address(51), { table: "unified_lead_tracking" })).code).toBe("ok");
    expect(await held()).toHaveLength(2);
  });

  test("many leads in one request are judged together", async () => {
    await visit(
      Array.from({ length: 20 }, (_, n) => ({ email: `bulk${n}@example.com` })),
      { address: address(60) },
    );
    expect(await held()).toHaveLength(20);
  });
});
