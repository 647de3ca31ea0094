import { beforeEach, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { errorOf, outcomeOf } from "../support/errors.ts";
import { ADMIN, ANON, MANAGER, openDataApi, SERVICE, STUDENT, STUDENT_ID } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const attempt = openDataApi(database, { rollsBack: true });
const overview = async () =>
  attempt(MANAGER, (session) => session`select * from tripwire_students_overview order by email`);

beforeEach(async () => {
  await sql`insert into auth.users (id) values (${STUDENT_ID})`;
  await sql`insert into tripwire_users (user_id, full_name, email) values (${STUDENT_ID}, 'Ada', 'ada@example.com'), (null, 'Bob', 'bob@example.com')`;
});

test.each([MANAGER, ADMIN, SERVICE])("is read by $role $claims.app_metadata.role", async (caller) => {
  expect(await attempt(caller, (session) => session`select id from tripwire_students_overview`)).toHaveLength(
    2,
  );
});

test("is refused to students, visitors, and those who call themselves managers where users may write", async () => {
  const claimant = { ...STUDENT, claims: { ...STUDENT.claims, user_metadata: { role: "sales_manager" } } };
  for (const caller of [STUDENT, claimant, ANON]) {
    expect(
      await outcomeOf(attempt(caller, (session) => session`select from tripwire_students_overview`)),
    ).toBe("42501");
  }
  const error = await errorOf(attempt(STUDENT, (session) => session`select from tripwire_students_overview`));
  expect(error).toMatchObject({ message: "only managers may do this" });
  expect(error.hint).toContain("sales_manager");
});

test("shows how far each student is", async () => {
  await sql`insert into tripwire_lesson_progress (user_id, lesson_id, watched_seconds, completed_at) values
    (${STUDENT_ID}, 67, 100, '2025-01-01T00:00:00Z'), (${STUDENT_ID}, 68, 50, null), (${STUDENT_ID}, 999, 7, '2025-01-02T00:00:00Z')`;
  expect(await overview()).toMatchObject([
    {
      full_name: "Ada",
      lesson_count: 3,
      completed_count: 1,
      watched_seconds: 157,
      completed_course_at: null,
    },
    { full_name: "Bob", lesson_count: 3, completed_count: 0, watched_seconds: 0, last_activity_at: null },
  ]);
  expect((await overview())[0]?.["last_activity_at"]).toBeInstanceOf(Date);
  await sql`update tripwire_lesson_progress set completed_at = now()`;
  await sql`insert into tripwire_lesson_progress (user_id, lesson_id, completed_at) values (${STUDENT_ID}, 69, now())`;
  expect((await overview())[0]).toMatchObject({ completed_count: 3, completed_course_at: expect.any(Date) });
});

test("shows where mail and deal of each student stand, the worst first", async () => {
  expect(await overview()).toMatchObject([
    { sync_state: "pending", amocrm_deal_id: null },
    { sync_state: "pending", amocrm_deal_id: null },
  ]);
  const idOf = sql`(select id from tripwire_users where full_name = 'Ada')`;
  await sql`delete from amocrm.outbox`;
  expect((await overview())[0]).toMatchObject({ sync_state: "none", mail_state: "none" });
  await sql`insert into public.message_outbox (kind, subject_table, subject_id, state, delivered_at, last_error_code) values
    ('student.welcome', 'tripwire_users', ${idOf}, 'dead', null, 'no_address')`;
  await sql`insert into public.amocrm_outbox (kind, subject_table, subject_id, state, delivered_at, last_error_code) values
    ('student.created', 'tripwire_users', ${idOf}, 'delivered', now(), null),
    ('lesson.completed', 'tripwire_users', ${idOf}, 'dead', null, 'stage_unknown'),
    ('lesson.completed', 'tripwire_users', ${idOf}, 'pending', null, null)`;
  expect((await overview())[0]).toMatchObject({
    mail_state: "failed",
    mail_error_code: "no_address",
    sync_state: "dead",
    sync_error_code: "stage_unknown",
  });
  await sql`delete from amocrm.outbox`;
  await sql`update tripwire_users set amocrm_synced_at = now(), amocrm_deal_id = 5, welcome_email_sent_at = now()`;
  expect((await overview())[0]).toMatchObject({
    mail_state: "sent",
    sync_state: "delivered",
    amocrm_deal_id: 5,
  });
});

test.each(["delivered", "bounced", "complained"])(
  "shows a mail that is %s, as Resend told it",
  async (outcome) => {
    await sql`insert into amocrm.mails (message_id, kind, subject_id, outcome, outcome_at, outcome_reason)
    select id, kind, subject_id, ${outcome}, now(), 'Permanent' from public.message_outbox`;
    expect((await overview())[0]).toMatchObject({ mail_state: outcome, mail_error_code: "Permanent" });
    // A further mail counts more than the one before.
    await sql`select amocrm.append('student.welcome', 'tripwire_users',
    (select jsonb_agg(jsonb_build_object('id', id)) from tripwire_users))`;
    expect((await overview())[0]).toMatchObject({ mail_state: "waiting", mail_error_code: null });
  },
);

test("links deal and certificate, each once it is there", async () => {
  expect(await overview()).toMatchObject([
    { amocrm_deal_url: null, certificate_code: null },
    { amocrm_deal_url: null, certificate_code: null },
  ]);
  await sql`insert into amocrm.accounts (queue, host, access) values ('amocrm', 'https://school.amocrm.ru', 'long_lived')`;
  await sql`update tripwire_users set amocrm_deal_id = 77 where full_name = 'Ada'`;
  await sql`insert into tripwire_lesson_progress (user_id, lesson_id, completed_at)
    select ${STUDENT_ID}, id, amocrm.clock() from tripwire_lessons`;
  const [code] = await sql`select verification_code from tripwire_certificates`;
  expect(await overview()).toMatchObject([
    {
      amocrm_deal_url: "https://school.amocrm.ru/leads/detail/77",
      certificate_code: code?.["verification_code"],
    },
    { amocrm_deal_url: null, certificate_code: null },
  ]);
});
