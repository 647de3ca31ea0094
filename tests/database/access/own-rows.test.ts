import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { outcomeOf } from "../support/errors.ts";
import {
  ADMIN,
  ANON,
  type Caller,
  MANAGER,
  OTHER_STUDENT_ID,
  openDataApi,
  STUDENT,
  STUDENT_ID,
} from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const attempt = openDataApi(database, { rollsBack: true });
const count = async (caller: Caller, table: string): Promise<number> =>
  (await attempt(caller, (session) => session`select count(*) from ${session(table)}`))[0]?.["count"];

beforeEach(async () => {
  await sql`insert into auth.users (id) values (${STUDENT_ID}), (${OTHER_STUDENT_ID})`;
  await sql`insert into tripwire_users (user_id, email) values
    (${STUDENT_ID}, 'me@example.com'), (${OTHER_STUDENT_ID}, 'other@example.com'), (null, 'invited@example.com')`;
  await sql`insert into tripwire_lesson_progress (user_id, lesson_id) values
    (${STUDENT_ID}, 67), (${STUDENT_ID}, 68), (${OTHER_STUDENT_ID}, 67)`;
  await sql`insert into amocrm_alerts (code, severity, detail) values ('blocked', 'critical', 'amoCRM answered 403')`;
});

describe("a student", () => {
  test("sees the own row and no other", async () => {
    const rows = await attempt(STUDENT, (session) => session`select email from tripwire_users`);
    expect(rows).toEqual([{ email: "me@example.com" }]);
  });

  test("sees the own progress and no other", async () => {
    const rows = await attempt(
      STUDENT,
      (session) => session`select user_id, lesson_id from tripwire_lesson_progress order by 2`,
    );
    expect(rows).toEqual([
      { user_id: STUDENT_ID, lesson_id: 67 },
      { user_id: STUDENT_ID, lesson_id: 68 },
    ]);
  });

  test("cannot give itself access or finish a lesson past the course", async () => {
    const statements = [
      `update tripwire_users set status = 'vip' where user_id = '${STUDENT_ID}'`,
      `delete from tripwire_users where user_id = '${STUDENT_ID}'`,
      `insert into tripwire_users (user_id, email) values ('${STUDENT_ID}', 'me@example.com')`,
    ];
    for (const statement of statements) {
      expect(await outcomeOf(attempt(STUDENT, (session) => session.unsafe(statement)))).toBe("42501");
    }
  });

  test("without a subject in the token sees nothing", async () => {
    expect(await count({ role: "authenticated" }, "tripwire_users")).toBe(0);
    expect(await count({ role: "authenticated" }, "tripwire_lesson_progress")).toBe(0);
  });
});

test.each([MANAGER, ADMIN])(
  "a signed-in $claims.app_metadata.role sees no student's rows through the Data API",
  async (caller) => {
    expect(await count(caller, "tripwire_users")).toBe(0);
    expect(await count(caller, "tripwire_lesson_progress")).toBe(0);
  },
);

test("alerts are seen by admins, by other signed-in people as an empty list, and refused to visitors", async () => {
  expect(await count(ADMIN, "amocrm_alerts")).toBe(1);
  expect(await count(MANAGER, "amocrm_alerts")).toBe(0);
  expect(await count(STUDENT, "amocrm_alerts")).toBe(0);
  // A student may write into the own user_metadata, so a role there counts for nothing.
  const claimant = { ...STUDENT, claims: { ...STUDENT.claims, user_metadata: { role: "admin" } } };
  expect(await count(claimant, "amocrm_alerts")).toBe(0);
  expect(await outcomeOf(count(ANON, "amocrm_alerts"))).toBe("42501");
});
