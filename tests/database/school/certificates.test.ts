import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { errorOf } from "../support/errors.ts";
import {
  ADMIN,
  ANON,
  MANAGER,
  OTHER_STUDENT_ID,
  openDataApi,
  SERVICE,
  STUDENT,
  STUDENT_ID,
} from "../support/roles.ts";

const warnings: string[] = [];
const database = await useDatabase();
const { sql } = database;
const teller = database.connect({ onNotice: (text) => warnings.push(text) });
const runAs = openDataApi(database);

const complete = (session: typeof sql, ...lessons: number[]) =>
  session`insert into tripwire_lesson_progress (user_id, lesson_id, completed_at)
    select ${STUDENT_ID}, lesson, amocrm.clock() from unnest(${lessons}::int[]) as lesson`;
const certificates = async () => await sql`select * from tripwire_certificates order by number`;
const messages = async () =>
  (
    await sql`select kind, subject_id, payload from amocrm_outbox where kind = 'certificate.issued' order by id`
  ).map((row) => ({ ...row }));
let studentId: string;

beforeEach(async () => {
  warnings.length = 0;
  await setTestClock(NOON, sql, teller);
  await sql`insert into auth.users (id) values (${STUDENT_ID}), (${OTHER_STUDENT_ID})`;
  const [student] = await sql`insert into tripwire_users (user_id, full_name, email)
    values (${STUDENT_ID}, '  Әсел Құдайбергенқызы ', 'me@example.com') returning id`;
  studentId = student?.["id"];
});

describe("the last lesson", () => {
  test("makes the certificate, and the ones before it make none", async () => {
    await complete(sql, 67, 68);
    expect(await certificates()).toEqual([]);
    await complete(sql, 69);
    expect(await certificates()).toMatchObject([
      {
        student_id: studentId,
        user_id: STUDENT_ID,
        number: "TW-2031-000001",
        verification_code: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{20}$/),
        full_name: "Әсел Құдайбергенқызы",
        course_title: "Tripwire",
        issued_at: NOON,
      },
    ]);
  });

  test("tells amoCRM the number, after the lesson itself", async () => {
    await complete(sql, 67, 68, 69);
    expect(await messages()).toEqual([
      { kind: "certificate.issued", subject_id: studentId, payload: { number: "TW-2031-000001" } },
    ]);
    const kinds = await sql`select kind from amocrm_outbox order by id`;
    expect(kinds.map((row) => row["kind"])).toEqual([
      "student.created",
      ...Array(3).fill("lesson.completed"),
      "certificate.issued",
    ]);
  });

  test("makes one, however often it is completed anew", async () => {
    await complete(sql, 67, 68, 69);
    await sql`delete from tripwire_lesson_progress where lesson_id = 69`;
    await complete(sql, 69);
    expect(await certificates()).toHaveLength(1);
    expect(await messages()).toHaveLength(1);
  });

  test("counts when service_role sets it, and as an update of a row that was watched", async () => {
    await complete(sql, 67, 68);
    await sql`insert into tripwire_lesson_progress (user_id, lesson_id, watched_seconds) values (${STUDENT_ID}, 69, 50)`;
    expect(await certificates()).toEqual([]);
    await runAs(
      SERVICE,
      (session) =>
        session`update tripwire_lesson_progress set completed_at = '2031-05-01' where lesson_id = 69`,
    );
    expect(await certificates()).toHaveLength(1);
  });

  test("makes one when two last ones are completed at the same moment", async () => {
    for (let round = 0; round < 10; round++) {
      await sql`delete from tripwire_lesson_progress`;
      await sql`delete from tripwire_certificates`;
      await complete(sql, 67);
      const sessions = [database.connect(), database.connect()];
      // Both have written before either commits, so neither sees the other's lesson by itself.
      await Promise.all(
        sessions.map(async (session, index) => {
          await session.begin(async (transaction) => {
            await complete(transaction as unknown as typeof sql, 68 + index);
          });
        }),
      );
      await Promise.all(sessions.map((session) => session.end()));
      expect(await certificates()).toHaveLength(1);
    }
  });

  test("makes one when the second is completed while the first waits to be committed", async () => {
    await complete(sql, 67);
    const [first, second] = [database.connect(), database.connect()];
    await first`begin`;
    await complete(first, 68);
    const later = complete(second, 69).execute();
    // The second one waits for the lock of the first.
    await expect
      .poll(async () => (await sql`select from pg_locks where locktype = 'advisory' and not granted`).length)
      .toBe(1);
    await first`commit`;
    await later;
    expect(await certificates()).toHaveLength(1);
  });

  test("is saved although no certificate can be made, and the sweep makes it later", async () => {
    await sql`alter table tripwire_certificates rename to taken_away`;
    await complete(teller, 67, 68, 69);
    await sql`alter table taken_away rename to tripwire_certificates`;
    expect(await sql`select from tripwire_lesson_progress where completed_at is not null`).toHaveLength(3);
    expect(warnings.join()).toContain("lessons completed without their certificates");
    expect((await sql`select amocrm.sweep_certificates() as count`)[0]?.["count"]).toBe(1);
    expect(await certificates()).toHaveLength(1);
    expect(await messages()).toHaveLength(1);
  });

  test("makes the certificate although amoCRM cannot be told, and the sweep tells it", async () => {
    await complete(teller, 67, 68);
    await sql`alter function amocrm.append(text, text, jsonb) rename to gone`;
    await complete(teller, 69);
    await sql`alter function amocrm.gone(text, text, jsonb) rename to append`;
    expect(await certificates()).toHaveLength(1);
    expect(await messages()).toEqual([]);
    await sql`select amocrm.sweep_certificates()`;
    await sql`select amocrm.sweep_certificates()`;
    expect(await messages()).toHaveLength(1);
  });

  test("of a course that was completed long ago is left alone by the sweep", async () => {
    await complete(sql, 67, 68, 69);
    await sql`delete from tripwire_certificates`;
    await setTestClock(noonPlus(2 * DAY_MS), sql);
    await sql`select amocrm.sweep_certificates()`;
    expect(await certificates()).toEqual([]);
  });

  test("is dated in the school's own time zone", async () => {
    await setTestClock(new Date("2031-12-31T20:00:00Z"), sql);
    await complete(sql, 67, 68, 69);
    const [row] = await sql`select number, issued_on::text from tripwire_certificates`;
    expect(row).toEqual({ number: "TW-2032-000001", issued_on: "2032-01-01" });
  });

  test("of a student without a name is certified to the address", async () => {
    await sql`update tripwire_users set full_name = '  '`;
    await complete(sql, 67, 68, 69);
    expect(await certificates()).toMatchObject([{ full_name: "me@example.com" }]);
  });
});

test("a certificate keeps its name and course whatever they are called later, and may be corrected by service_role", async () => {
  await complete(sql, 67, 68, 69);
  await sql`update tripwire_users set full_name = 'Other'`;
  await sql`update tripwire_certificate_settings set course_title = 'Other'`;
  expect(await certificates()).toMatchObject([
    { full_name: "Әсел Құдайбергенқызы", course_title: "Tripwire" },
  ]);
  await runAs(SERVICE, (session) => session`update tripwire_certificates set full_name = 'Әсел'`);
  const refused = runAs(SERVICE, (session) => session`update tripwire_certificates set number = 'X'`);
  expect((await errorOf(refused)).code).toBe("42501");
});

describe("a code", () => {
  test("is random: of ten thousand no two are alike, and each letter comes up at each place", async () => {
    const rows = await sql<{ code: string }[]>`
      select amocrm.new_certificate_code() as code from generate_series(1, 10000)`;
    const codes = rows.map(({ code }) => code);
    expect(new Set(codes).size).toBe(10_000);
    for (let place = 0; place < 20; place++) {
      const counts = Map.groupBy(codes, (code) => code[place]);
      expect(counts.size).toBe(32);
      // 312 are expected, with a deviation of 17: seven of them lie beyond chance.
      for (const found of counts.values()) expect(Math.abs(found.length - 312.5)).toBeLessThan(7 * 17.4);
    }
  });

  test("is found however it was typed", async () => {
    await complete(sql, 67, 68, 69);
    await sql`update tripwire_certificates set verification_code = '0A1BCDEFGHJKMNPQRSTV'`;
    const typed = " oa1bc-defgh jkmnp-qrstv ".replace("1", "l");
    const [checked] = await runAs(
      ANON,
      (session) => session`select * from tripwire_certificate_check(${typed})`,
    );
    expect(checked).toMatchObject({ is_valid: true, number: "TW-2031-000001" });
  });
});

describe("tripwire_certificate_check", () => {
  const check = async (code: string | null) =>
    (await runAs(ANON, (session) => session`select * from tripwire_certificate_check(${code})`)).map(
      (row) => ({
        ...row,
      }),
    );

  test("tells everybody what the certificate shows, and nothing else", async () => {
    await complete(sql, 67, 68, 69);
    const [row] = await certificates();
    expect(await check(row?.["verification_code"])).toEqual([
      {
        is_valid: true,
        number: "TW-2031-000001",
        full_name: "Әсел Құдайбергенқызы",
        course_title: "Tripwire",
        issued_on: new Date("2031-05-05"),
      },
    ]);
  });

  test.each(["00000000000000000000", "TW-2031-000001", "", null, "%", "' or true --", "Ә".repeat(1_000_000)])(
    "answers in the same shape where there is none: %j",
    async (code) => {
      await complete(sql, 67, 68, 69);
      const nothing = { is_valid: false, number: null, full_name: null, course_title: null, issued_on: null };
      expect(await check(code)).toEqual([nothing]);
    },
  );
});

describe("who sees a certificate", () => {
  beforeEach(() => complete(sql, 67, 68, 69));
  const seen = (caller: Parameters<typeof runAs>[0]) =>
    runAs(caller, async (session) => (await session`select number from tripwire_certificates`).length);

  test.each([
    ["its student", STUDENT, 1],
    ["another student", { ...STUDENT, claims: { sub: OTHER_STUDENT_ID } }, 0],
    ["a manager", MANAGER, 1],
    ["an admin", ADMIN, 1],
  ] as const)("%s", async (_who, caller, count) => {
    expect(await seen(caller)).toBe(count);
  });

  test("a student can neither make nor change one", async () => {
    for (const statement of [
      "insert into tripwire_certificates (full_name) values ('x')",
      "update tripwire_certificates set full_name = 'x'",
      "delete from tripwire_certificates",
    ]) {
      expect((await errorOf(runAs(STUDENT, (session) => session.unsafe(statement)))).code).toBe("42501");
    }
  });
});

describe("the settings", () => {
  test.each([
    ["check_url", "https://school.example/check", "check_url_takes_a_code"],
    ["check_url", "javascript:alert({code})", "check_url_takes_a_code"],
    ["number_prefix", "tw-", "number_prefix_is_short"],
    ["course_title", " ", "course_title_is_not_blank"],
  ])("refuse %s = %j", async (column, value, constraint) => {
    const error = await errorOf(sql`update tripwire_certificate_settings set ${sql(column)} = ${value}`);
    expect(error).toMatchObject({ code: "23514", constraint_name: constraint });
  });

  test("refuse a time zone that does not exist", async () => {
    const error = await errorOf(sql`update tripwire_certificate_settings set time_zone = 'Mars/Olympus'`);
    expect(error.code).toBe("22023");
  });
});
