import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { OTHER_STUDENT_ID, openDataApi, STUDENT, STUDENT_ID } from "../support/roles.ts";

const warnings: string[] = [];
const database = await useDatabase();
const sql = database.connect({ onNotice: (text) => warnings.push(text) });
const runAs = openDataApi(database);

const complete = (...lessons: number[]) =>
  sql`insert into tripwire_lesson_progress (user_id, lesson_id, completed_at)
    select ${STUDENT_ID}, lesson, amocrm.clock() from unnest(${lessons}::int[]) as lesson
    on conflict (user_id, lesson_id) do update set completed_at = excluded.completed_at`;
const messages = async () =>
  (
    await sql`select kind, subject_table, email_key, phone_key, payload, is_fresh, (select user_id from tripwire_users where id = subject_id) as user_id
      from amocrm_outbox where kind = 'lesson.completed' order by id`
  ).map((row) => ({ ...row }));
const lessonsTold = async () => (await messages()).map((message) => message["payload"]["lessonId"]);
const achievements = async (userId: string = STUDENT_ID) =>
  (await sql`select code from tripwire_achievements where user_id = ${userId} order by code`).map(
    (row) => row["code"],
  );

beforeEach(async () => {
  warnings.length = 0;
  await sql`select set_config('amocrm.test_clock', '', false)`;
  await sql`insert into auth.users (id) values (${STUDENT_ID}), (${OTHER_STUDENT_ID})`;
  await sql`insert into tripwire_users (user_id, email, phone) values (${STUDENT_ID}, 'Me@Example.com', '8 707 123 45 67')`;
});

describe("a completed lesson", () => {
  test("appends one message about the student, after that of the student", async () => {
    await complete(67);
    expect(await messages()).toEqual([
      {
        kind: "lesson.completed",
        subject_table: "tripwire_users",
        user_id: STUDENT_ID,
        email_key: "me@example.com",
        phone_key: "+77071234567",
        payload: { lessonId: 67 },
        is_fresh: expect.any(Boolean),
      },
    ]);
    const order = await sql`select kind from amocrm_outbox order by id`;
    expect(order.map((row) => row["kind"])).toEqual(["student.created", "lesson.completed"]);
  });

  test("appends nothing for watching, for a second completion, or for one that is done anew after a deletion", async () => {
    await runAs(STUDENT, (session) => session`select tripwire_watch(67, 10)`);
    expect(await lessonsTold()).toEqual([]);
    await runAs(STUDENT, (session) => session`select tripwire_complete_lesson(67)`);
    await runAs(STUDENT, (session) => session`select tripwire_complete_lesson(67)`);
    await runAs(STUDENT, (session) => session`select tripwire_watch(67, 60)`);
    await sql`delete from tripwire_lesson_progress`;
    await complete(67);
    expect(await lessonsTold()).toEqual([67]);
  });

  test("appends a burst in one statement, each student's in the order of completion", async () => {
    await sql`insert into tripwire_users (user_id, email) values (${OTHER_STUDENT_ID}, 'other@example.com')`;
    await sql`insert into tripwire_lesson_progress (user_id, lesson_id, completed_at) values
      (${STUDENT_ID}, 69, '2030-01-03'), (${STUDENT_ID}, 67, '2025-01-01'), (${OTHER_STUDENT_ID}, 68, '2025-01-02'), (${STUDENT_ID}, 68, '2025-01-04')`;
    expect(await lessonsTold()).toEqual([67, 68, 68, 69]);
  });

  test("of somebody who is no student appends nothing and is saved", async () => {
    await sql`insert into tripwire_lesson_progress (user_id, lesson_id, completed_at) values (${OTHER_STUDENT_ID}, 67, now())`;
    expect(await messages()).toEqual([]);
    expect(await achievements(OTHER_STUDENT_ID)).toEqual(["first_lesson"]);
  });

  test("is saved although its message cannot be written, and the sweep finds it", async () => {
    await sql`alter table amocrm.kinds rename to kinds_away`;
    await complete(67);
    await sql`alter table amocrm.kinds_away rename to kinds`;
    expect(warnings.join()).toContain("lessons completed without their amoCRM messages");
    expect([await lessonsTold(), await achievements()]).toEqual([[], ["first_lesson"]]);
    expect(await sql`select amocrm.sweep_lessons() as count`).toEqual([{ count: 1 }]);
    expect(await sql`select amocrm.sweep_lessons() as count`).toEqual([{ count: 0 }]);
    expect(await lessonsTold()).toEqual([67]);
  });

  test("from before the installation, or older than a day, is left alone by the sweep", async () => {
    await setTestClock(NOON, sql);
    await sql`update amocrm.installation set installed_at = ${noonPlus(-DAY_MS / 2)}`;
    await sql`alter table tripwire_lesson_progress disable trigger amocrm_500_enqueue`;
    await sql`insert into tripwire_lesson_progress (user_id, lesson_id, completed_at) values
      (${STUDENT_ID}, 67, ${noonPlus(-DAY_MS / 2 - 1)}), (${STUDENT_ID}, 68, ${noonPlus(-1000)})`;
    await sql`alter table tripwire_lesson_progress enable trigger amocrm_500_enqueue`;
    await sql`select amocrm.sweep_lessons()`;
    expect(await lessonsTold()).toEqual([68]);
  });
});

describe("achievements", () => {
  test("are earned by the first lesson, a whole module and the whole course", async () => {
    await sql`insert into tripwire_modules (id, title, position) values (2, 'Two', 2)`;
    await sql`update tripwire_lessons set module_id = 2 where id = 69`;
    await complete(67);
    expect(await achievements()).toEqual(["first_lesson"]);
    await complete(68);
    expect(await achievements()).toEqual(["first_lesson", "module.1"]);
    await complete(69);
    expect(await achievements()).toEqual(["course", "first_lesson", "module.1", "module.2"]);
    const [row] =
      await sql`select amocrm.has_completed_course(${STUDENT_ID}) as mine, amocrm.has_completed_course(${OTHER_STUDENT_ID}) as others`;
    expect(row).toEqual({ mine: true, others: false });
  });

  test("are earned once and stay when the course grows or progress is lost", async () => {
    await complete(67, 68, 69);
    const [before] = await sql`select earned_at from tripwire_achievements where code = 'course'`;
    await sql`insert into tripwire_lessons (id, module_id, title, position) values (70, 1, 'Four', 4)`;
    await sql`delete from tripwire_lesson_progress where lesson_id = 67`;
    await complete(67);
    expect(await achievements()).toEqual(["course", "first_lesson", "module.1"]);
    expect(await sql`select earned_at from tripwire_achievements where code = 'course'`).toEqual([before]);
    expect(await sql`select amocrm.has_completed_course(${STUDENT_ID}) as has`).toEqual([{ has: false }]);
  });

  test("that cannot be written fail no completion, and come with the next one", async () => {
    await sql`alter table tripwire_achievements rename to achievements_away`;
    await complete(67);
    await sql`alter table achievements_away rename to tripwire_achievements`;
    expect(warnings.join()).toContain("without their achievements");
    expect([await lessonsTold(), await achievements()]).toEqual([[67], []]);
    await complete(68);
    expect(await achievements()).toEqual(["first_lesson"]);
  });

  test("of a course without lessons are none", async () => {
    await sql`delete from tripwire_lessons`;
    expect(await sql`select amocrm.has_completed_course(${STUDENT_ID}) as has`).toEqual([{ has: false }]);
  });
});

test("a player's packet changes no index: nearly every update stays within its page", async () => {
  const users = 200;
  await sql`insert into auth.users (id) select gen_random_uuid() from generate_series(1, ${users})`;
  await sql`insert into tripwire_lesson_progress (user_id, lesson_id) select id, 67 from auth.users`;
  const superuser = database.connect({ user: "supabase_admin" });
  await superuser`select pg_stat_reset_single_table_counters('public.tripwire_lesson_progress'::regclass)`;
  for (let packet = 1; packet <= 10; packet++) {
    await sql`update tripwire_lesson_progress set watched_seconds = ${packet * 10}`;
  }
  await sql`select pg_stat_force_next_flush()`;
  const [counts] =
    await sql`select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = 'tripwire_lesson_progress'`;
  expect(counts?.["n_tup_upd"]).toBe((users + 2) * 10);
  expect(counts?.["n_tup_hot_upd"]).toBeGreaterThan((users + 2) * 10 * 0.5);
});
