import { beforeEach, describe, expect, test } from "vitest";
import { type Session, useDatabase } from "../support/database.ts";
import { errorOf, outcomeOf } from "../support/errors.ts";
import {
  ADMIN,
  ANON,
  type Caller,
  MANAGER,
  OTHER_STUDENT_ID,
  openDataApi,
  SERVICE,
  STUDENT,
  STUDENT_ID,
} from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database);
const attempt = openDataApi(database, { rollsBack: true });
const as = (caller: Caller, statement: string) => runAs(caller, (session) => session.unsafe(statement));
const refused = (caller: Caller, statement: string) =>
  outcomeOf(attempt(caller, (session: Session) => session.unsafe(statement)));
const progress = async (userId: string = STUDENT_ID) =>
  (
    await sql`select lesson_id, watched_seconds, completed_at is not null as is_completed
      from tripwire_lesson_progress where user_id = ${userId} order by 1`
  ).map((row) => ({ ...row }));
const key = `user_id, lesson_id`;

/** What supabase-js sends for `upsert`: every column that is given is also set, the key too. */
const upsert = (userId: string, lessonId: number, column: string, value: string) =>
  `insert into tripwire_lesson_progress (${key}, ${column}) values ('${userId}', ${lessonId}, ${value})
   on conflict (${key}) do update set user_id = excluded.user_id, lesson_id = excluded.lesson_id, ${column} = excluded.${column}`;

beforeEach(async () => {
  await sql`insert into auth.users (id) values (${STUDENT_ID}), (${OTHER_STUDENT_ID})`;
  await sql`insert into tripwire_users (user_id, email) values
    (${STUDENT_ID}, 'me@example.com'), (${OTHER_STUDENT_ID}, 'other@example.com')`;
  await sql`update tripwire_lessons set duration_seconds = 600`;
});

describe("watched seconds", () => {
  test("grow by inserts, updates and upserts of the student, and never shrink", async () => {
    await as(
      STUDENT,
      `insert into tripwire_lesson_progress (${key}, watched_seconds) values ('${STUDENT_ID}', 67, 30)`,
    );
    await as(STUDENT, `update tripwire_lesson_progress set watched_seconds = 60 where lesson_id = 67`);
    await as(STUDENT, upsert(STUDENT_ID, 67, "watched_seconds", "90"));
    await as(STUDENT, upsert(STUDENT_ID, 67, "watched_seconds", "40"));
    await as(STUDENT, `update tripwire_lesson_progress set watched_seconds = 0`);
    expect(await progress()).toEqual([{ lesson_id: 67, watched_seconds: 90, is_completed: false }]);
  });

  test("never exceed the lesson, and a day where its length is not known", async () => {
    await as(STUDENT, upsert(STUDENT_ID, 67, "watched_seconds", "2147483647"));
    await sql`update tripwire_lessons set duration_seconds = null where id = 68`;
    await as(STUDENT, upsert(STUDENT_ID, 68, "watched_seconds", "2147483647"));
    expect((await progress()).map((row) => row["watched_seconds"])).toEqual([600, 86_400]);
    expect(await refused(STUDENT, upsert(STUDENT_ID, 69, "watched_seconds", "-1"))).toBe("23514");
  });

  test("are told by the player's function, which also keeps the greatest", async () => {
    const watch = (seconds: number) =>
      runAs(STUDENT, (session) => session`select * from tripwire_watch(67, ${seconds})`);
    expect(await watch(50)).toEqual([{ lesson_id: 67, watched_seconds: 50, completed_at: null }]);
    expect(await watch(20)).toEqual([{ lesson_id: 67, watched_seconds: 50, completed_at: null }]);
    expect(await watch(100)).toEqual([{ lesson_id: 67, watched_seconds: 100, completed_at: null }]);
  });

  test("written by a server are held to the same, so that its late packets harm nothing either", async () => {
    await as(SERVICE, upsert(STUDENT_ID, 67, "watched_seconds", "300"));
    await as(SERVICE, upsert(STUDENT_ID, 67, "watched_seconds", "10"));
    expect(await progress()).toMatchObject([{ watched_seconds: 300 }]);
  });

  test("of a lesson that the course does not have are refused to students", async () => {
    const error = await errorOf(as(STUDENT, upsert(STUDENT_ID, 70, "watched_seconds", "1")));
    expect(error).toMatchObject({ code: "23514", constraint_name: "lesson_is_of_the_course" });
    expect(await refused(SERVICE, upsert(STUDENT_ID, 70, "watched_seconds", "1"))).toBe("ok");
  });
});

describe("completing a lesson", () => {
  const complete = (caller: Caller = STUDENT) =>
    runAs(caller, (session) => session`select * from tripwire_complete_lesson(67)`);

  test("needs the share of it that is set, and takes our time and not the student's", async () => {
    await as(STUDENT, upsert(STUDENT_ID, 67, "watched_seconds", "479"));
    expect(await errorOf(complete())).toMatchObject({
      code: "23514",
      constraint_name: "lesson_is_watched_enough",
      hint: "At least 480 seconds are needed.",
    });
    await as(STUDENT, upsert(STUDENT_ID, 67, "watched_seconds", "480"));
    await as(STUDENT, upsert(STUDENT_ID, 67, "completed_at", "'2000-01-01'"));
    const [row] =
      await sql`select completed_at > now() - interval '1 minute' as is_now from tripwire_lesson_progress`;
    expect(row?.["is_now"]).toBe(true);
  });

  test("needs no watching where the share is nothing or the length is not known", async () => {
    await sql`update tripwire_lessons set min_watched_share = 0 where id = 67`;
    expect(await complete()).toMatchObject([
      { lesson_id: 67, watched_seconds: 0, completed_at: expect.any(Date) },
    ]);
    await sql`update tripwire_lessons set duration_seconds = null where id = 68`;
    await as(STUDENT, upsert(STUDENT_ID, 68, "completed_at", "now()"));
    expect((await progress()).map((row) => row["is_completed"])).toEqual([true, true]);
  });

  test("happens once and for ever, whoever writes afterwards", async () => {
    await as(SERVICE, upsert(STUDENT_ID, 67, "completed_at", "'2030-01-01'"));
    const [before] = await sql`select completed_at from tripwire_lesson_progress`;
    for (const [caller, statement] of [
      [STUDENT, "update tripwire_lesson_progress set completed_at = null"],
      [STUDENT, upsert(STUDENT_ID, 67, "completed_at", "null")],
      [STUDENT, "select tripwire_complete_lesson(67)"],
      [SERVICE, "update tripwire_lesson_progress set completed_at = null"],
      [SERVICE, upsert(STUDENT_ID, 67, "completed_at", "'2020-01-01'")],
    ] as const) {
      await as(caller, statement);
    }
    expect(await sql`select completed_at from tripwire_lesson_progress`).toEqual([before]);
  });

  test("by service_role needs nothing watched, keeps a past time, and cannot lie in the future", async () => {
    await as(SERVICE, upsert(STUDENT_ID, 67, "completed_at", "'2020-01-01T00:00:00Z'"));
    await as(SERVICE, upsert(STUDENT_ID, 68, "completed_at", "'2999-01-01T00:00:00Z'"));
    const rows = await sql`select completed_at < now() + interval '1 minute' as is_past,
      completed_at = '2020-01-01T00:00:00Z' as is_given from tripwire_lesson_progress order by lesson_id`;
    expect(rows).toEqual([
      { is_past: true, is_given: true },
      { is_past: true, is_given: false },
    ]);
  });
});

describe("a student", () => {
  beforeEach(() => as(SERVICE, upsert(OTHER_STUDENT_ID, 67, "watched_seconds", "500")));

  test("cannot write, take over or delete progress of another", async () => {
    for (const statement of [
      upsert(OTHER_STUDENT_ID, 67, "completed_at", "now()"),
      upsert(OTHER_STUDENT_ID, 68, "completed_at", "now()"),
      upsert(OTHER_STUDENT_ID, 67, "watched_seconds", "600"),
      "delete from tripwire_lesson_progress",
      "truncate tripwire_lesson_progress",
    ]) {
      expect(await refused(STUDENT, statement)).toBe("42501");
    }
    await as(
      STUDENT,
      `update tripwire_lesson_progress set completed_at = now() where user_id = '${OTHER_STUDENT_ID}'`,
    );
    expect(await progress(OTHER_STUDENT_ID)).toEqual([
      { lesson_id: 67, watched_seconds: 500, is_completed: false },
    ]);
  });

  test("cannot set ids or our columns", async () => {
    await as(STUDENT, upsert(STUDENT_ID, 67, "watched_seconds", "10"));
    expect(
      await refused(STUDENT, `update tripwire_lesson_progress set user_id = '${OTHER_STUDENT_ID}'`),
    ).toBe("42501");
    expect(await refused(STUDENT, "update tripwire_lesson_progress set lesson_id = 68")).toBe("23514");
    expect(await refused(STUDENT, "update tripwire_lesson_progress set watched_at = now()")).toBe("42501");
  });

  test("sees the course and the own achievements, and cannot change either", async () => {
    await sql`insert into tripwire_achievements (user_id, code) values (${STUDENT_ID}, 'first_lesson'), (${OTHER_STUDENT_ID}, 'course')`;
    expect(await as(STUDENT, "select code from tripwire_achievements")).toEqual([{ code: "first_lesson" }]);
    expect(await as(STUDENT, "select id from tripwire_lessons order by 1")).toHaveLength(3);
    for (const statement of [
      `insert into tripwire_achievements (user_id, code) values ('${STUDENT_ID}', 'course')`,
      "delete from tripwire_achievements",
      "update tripwire_lessons set min_watched_share = 0",
      "insert into tripwire_modules (id, title, position) values (2, 'Mine', 2)",
    ]) {
      expect(await refused(STUDENT, statement)).toBe("42501");
    }
  });

  test("can follow no other student through what an error says", async () => {
    // 67 is watched enough by the other one, 68 is not: both answers are alike.
    for (const lesson of [67, 68, 70]) {
      expect(await refused(STUDENT, upsert(OTHER_STUDENT_ID, lesson, "completed_at", "now()"))).toBe("42501");
    }
  });
});

test.each([ANON, { role: "authenticated" } as Caller])(
  "progress is closed to $role without a subject",
  async (caller) => {
    expect(await refused(caller, upsert(STUDENT_ID, 67, "watched_seconds", "1"))).toBe("42501");
    expect(await refused(caller, "select tripwire_watch(67, 1)")).not.toBe("ok");
    expect(await refused(caller, "select tripwire_complete_lesson(67)")).not.toBe("ok");
  },
);

test.each([MANAGER, ADMIN])(
  "progress of students is closed to a signed-in $claims.app_metadata.role",
  async (caller) => {
    await as(SERVICE, upsert(STUDENT_ID, 67, "watched_seconds", "1"));
    expect(await as(caller, "select * from tripwire_lesson_progress")).toEqual([]);
    expect(await refused(caller, upsert(STUDENT_ID, 67, "completed_at", "now()"))).toBe("42501");
  },
);
