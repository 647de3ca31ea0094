import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createStudent } from "#client/tripwire-students.ts";
import { sized } from "../../support/sizes.ts";
import { type Person, type SchoolProject, startSchool } from "./school-project.ts";

const STUDENT_COUNT = sized(60, 200);

let school: SchoolProject;
let manager: Person;

beforeAll(async () => {
  school = await startSchool();
  manager = await school.signIn("sales_manager");
});
afterAll(() => school?.stop());
beforeEach(async () => {
  await school.sql`delete from public.tripwire_users`;
  await school.sql`delete from auth.users where email not like '%@managers.example'`;
});

const create = (email: string, more: object = {}) =>
  createStudent(manager.client.functions, { full_name: "Ada Lovelace", email, ...more });
const accounts = () => school.sql`select id from auth.users where email not like '%@managers.example'`;
const students = () => school.sql`select * from public.tripwire_users`;

describe("many calls at once", () => {
  test("for one address make one student", async () => {
    const spellings = ["ada@example.com", "ADA@example.com", " Ada@Example.Com", "<ada@example.com>"];
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, index) => create(spellings[index % 4] ?? "")),
    );
    expect(made.filter((one) => !one.ok)).toEqual([]);
    expect(new Set(made.map((one) => one.ok && one.student.id)).size).toBe(1);
    expect(made.filter((one) => one.ok && one.isNew)).toHaveLength(1);
    expect(await accounts()).toHaveLength(1);
    expect(await students()).toHaveLength(1);
  });

  test(`by twenty callers, each sent twice, make ${STUDENT_COUNT} accounts and as many students`, async () => {
    const orders = Array.from({ length: STUDENT_COUNT }, (_, index) => ({
      email: `student${index}@example.com`,
      full_name: `Student ${index}`,
      phone: `+7707${String(1_000_000 + index)}`,
    }));
    const tookMs: number[] = [];
    const send = async (order: (typeof orders)[number]) => {
      const began = performance.now();
      const result = await create(order.email, order);
      tookMs.push(performance.now() - began);
      return result;
    };
    const waiting = orders.map((order, index) => ({ order, isAtOnce: index % 2 === 0 }));
    const results: Awaited<ReturnType<typeof send>>[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const { order, isAtOnce } = next;
          // Half of the doubles at the very moment, half after the answer.
          const pair = isAtOnce
            ? await Promise.all([send(order), send({ ...order, email: order.email.toUpperCase() })])
            : [await send(order), await send(order)];
          results.push(...pair);
        }
      }),
    );
    tookMs.sort((a, b) => a - b);
    const at = (share: number) => Math.round(tookMs[Math.ceil(tookMs.length * share) - 1] ?? 0);
    console.log(
      `${tookMs.length} calls by 20 callers: median ${at(0.5)} ms, 95 % within ${at(0.95)} ms, longest ${at(1)} ms`,
    );

    expect(results.filter((one) => !one.ok)).toEqual([]);
    expect(results.filter((one) => one.ok && one.isNew)).toHaveLength(STUDENT_COUNT);
    expect(await accounts()).toHaveLength(STUDENT_COUNT);
    const [counts] = await school.sql`select count(*)::int as rows, count(distinct user_id)::int as accounts,
      count(distinct email_key)::int as addresses, bool_and(granted_by = ${manager.id}) as is_granted from public.tripwire_users`;
    expect(counts).toEqual({
      rows: STUDENT_COUNT,
      accounts: STUDENT_COUNT,
      addresses: STUDENT_COUNT,
      is_granted: true,
    });
    const [messages] =
      await school.sql`select count(*)::int as count, count(distinct subject_id)::int as students
      from public.amocrm_outbox where kind = 'student.created' and subject_id in (select id from public.tripwire_users)`;
    expect(messages).toEqual({ count: STUDENT_COUNT, students: STUDENT_COUNT });
    expect(await school.sql`select from amocrm.admissions`).toHaveLength(0);
  });

  test("of which one dies are finished by the sweep, and forgotten where nothing was made", async () => {
    const { sql } = school;
    const half = `${randomUUID()}@example.com`;
    const granter = manager.id;
    await sql`insert into auth.users (id, aud, role, email) values (gen_random_uuid(), 'authenticated', 'authenticated', ${half})`;
    await sql`insert into amocrm.admissions (email_key, full_name, granted_by, begun_at) values
      (${half}, 'Half', ${granter}, clock_timestamp() - interval '3 minutes'),
      ('nothing@example.com', 'None', ${granter}, clock_timestamp() - interval '3 minutes'),
      ('running@example.com', 'Running', ${granter}, clock_timestamp())`;
    await school.stack.worker?.runJob("amocrm-finish-admissions");
    expect(await students()).toMatchObject([{ email: half, full_name: "Half", granted_by: granter }]);
    expect(await sql`select email_key from amocrm.admissions`).toEqual([
      { email_key: "running@example.com" },
    ]);
    await sql`delete from amocrm.admissions`;
  });
});
