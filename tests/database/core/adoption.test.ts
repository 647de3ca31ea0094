import { describe, expect, test } from "vitest";
import { migrate } from "#dev/stack/migrate.ts";
import { type TestDatabase, useAdoptions } from "../support/adoptions.ts";
import { outcomeOf } from "../support/errors.ts";
import { messages } from "../support/leads.ts";
import { ANON, openDataApi } from "../support/roles.ts";
import { MIGRATIONS_DIR } from "../support/server.ts";

const adoptions = useAdoptions();

/** The tables as a project has them that grew without us: fewer columns, other ones beside, other grants. */
const OLD_TABLES = `
  create table public.landing_leads (id uuid primary key default gen_random_uuid(), full_name text, email text,
    phone text, quiz_score int, created_at timestamptz not null default now());
  create table public.unified_lead_tracking (id uuid primary key default gen_random_uuid(), full_name text,
    email text, phone text, source text, amocrm_contact_id bigint, manager_comment text);
  create table public.tripwire_users (id uuid primary key default gen_random_uuid(), user_id uuid, full_name text,
    email text not null, status text not null default 'active');
  grant all on public.landing_leads, public.unified_lead_tracking, public.tripwire_users to anon, authenticated;
  insert into public.landing_leads (full_name, email, quiz_score) values ('Old', ' OLD@example.com ', 7);
  insert into public.unified_lead_tracking (full_name, email, phone, manager_comment)
    values ('Old', ' OLD@example.com ', 'нет', 'called twice'), ('Bad', 'no address', null, null);
  insert into public.tripwire_users (email) values ('student@example.com');`;

const adopt = (further = ""): Promise<TestDatabase> => adoptions.adopt(OLD_TABLES + further);

describe("a project that already has the tables", () => {
  test("keeps its rows as they are and gets the missing columns", async () => {
    const { sql } = await adopt();
    expect(await sql`select full_name, email, quiz_score, submission_id from landing_leads`).toEqual([
      { full_name: "Old", email: " OLD@example.com ", quiz_score: 7, submission_id: null },
    ]);
    expect(
      await sql`select full_name, email, phone, manager_comment, utm_source, amocrm_deal_id, amocrm_synced_at
        from unified_lead_tracking order by full_name desc`,
    ).toMatchObject([
      {
        full_name: "Old",
        email: " OLD@example.com ",
        phone: "нет",
        manager_comment: "called twice",
        utm_source: null,
      },
      { full_name: "Bad", email: "no address" },
    ]);
  });

  test.each([
    { age: "of unknown age", further: "" },
    {
      age: "of a moment ago",
      further: `alter table public.unified_lead_tracking add column created_at timestamptz default now();
        alter table public.tripwire_users add column created_at timestamp default now();`,
    },
  ])("sends none of its history $age, neither by the sweep nor after an edit", async ({ further }) => {
    const { sql } = await adopt(further);
    const [swept] = await sql`select amocrm.sweep() as count`;
    expect(swept?.["count"]).toBe(0);
    await sql`update unified_lead_tracking set full_name = 'Edited'`;
    expect(await messages(sql)).toEqual([]);
  });

  test("sends what comes in from now on", async () => {
    const database = await adopt();
    const runAs = openDataApi(database);
    await runAs(ANON, (anon) => anon`insert into landing_leads (email) values ('new@example.com')`);
    await database.sql`insert into tripwire_users (email) values ('new.student@example.com')`;
    expect((await messages(database.sql)).map(({ kind, email_key }) => ({ kind, email_key }))).toEqual([
      { kind: "lead.created", email_key: "new@example.com" },
      { kind: "student.created", email_key: "new.student@example.com" },
    ]);
    const [lead] = await database.sql`select created_at > now() - interval '1 minute' as is_recent
      from unified_lead_tracking where email = 'new@example.com'`;
    expect(lead?.["is_recent"]).toBe(true);
  });

  test("gives visitors no more than the insert of the named columns, whatever they had before", async () => {
    const { sql } = await adopt();
    const rights = await sql`
      select format('%s %s', relname, privilege_type) as privilege from pg_class, aclexplode(relacl)
      where relnamespace = 'public'::regnamespace and grantee in ('anon'::regrole)`;
    expect(rights).toEqual([]);
    const [column] =
      await sql`select has_column_privilege('anon', 'landing_leads', 'quiz_score', 'insert') as may`;
    expect(column?.["may"]).toBe(false);
  });

  test("can apply the migrations only once, and a second run changes nothing", async () => {
    const database = await adopt();
    expect(await migrate(database.url(), MIGRATIONS_DIR)).toEqual([]);
  });

  test("keeps students that have one address twice, and takes the one with an account for the student", async () => {
    const id = "55555555-5555-4555-8555-555555555555";
    const { sql } = await adopt(`insert into auth.users (id) values ('${id}');
      insert into public.tripwire_users (email, full_name, user_id) values ('twice@example.com', 'Old', null),
        (' Twice@Example.com', 'Own', '${id}'), ('TWICE@example.com', 'Other', null), ('no address', 'None', null), ('no address', 'None', null);`);
    const keyed = await sql`select full_name from tripwire_users where email_key = 'twice@example.com'`;
    expect(keyed).toEqual([{ full_name: "Own" }]);
    expect(await sql`select from tripwire_users`).toHaveLength(6);
    // An edit of a double that leaves its address alone is not refused, nor is a new address for it.
    await sql`update tripwire_users set email = email, status = 'active'`;
    await sql`update tripwire_users set email = 'own@example.com' where full_name = 'Other'`;
    expect(await outcomeOf(sql`insert into tripwire_users (email) values ('twice@EXAMPLE.com')`)).toBe(
      "23505",
    );
    const [begun] =
      await sql`select tripwire_begin_admission('twice@example.com', 'New', null, ${id}) as answer`;
    expect(begun?.["answer"]).toMatchObject({ state: "there", student: { full_name: "Own", user_id: id } });
  });

  test("keeps its lesson progress and gets what is missing to it", async () => {
    const id = "55555555-5555-4555-8555-555555555555";
    const { sql } = await adopt(`insert into auth.users (id) values ('${id}');
      create table public.tripwire_lesson_progress (id bigint generated always as identity primary key, user_id uuid not null, lesson_id int not null, note text);
      insert into public.tripwire_lesson_progress (user_id, lesson_id, note) values ('${id}', 67, 'mine');`);
    await sql`insert into tripwire_lesson_progress (user_id, lesson_id, watched_seconds) values (${id}, 67, 5)
      on conflict (user_id, lesson_id) do update set watched_seconds = excluded.watched_seconds`;
    expect(
      await sql`select lesson_id, note, watched_seconds, completed_at from tripwire_lesson_progress`,
    ).toEqual([{ lesson_id: 67, note: "mine", watched_seconds: 5, completed_at: null }]);
  });
});
