import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createStudent } from "#client/tripwire-students.ts";
import { type Person, type SchoolProject, startSchool } from "./school-project.ts";

let school: SchoolProject;
let manager: Person;

beforeAll(async () => {
  school = await startSchool();
  manager = await school.signIn("sales_manager");
});
afterAll(() => school?.stop());
beforeEach(async () => {
  await school.sql`drop trigger if exists refuse on public.tripwire_users`;
  await school.sql`delete from public.tripwire_users`;
  await school.sql`delete from auth.users where email not like '%@managers.example'`;
});

const create = (email: string, more: object = {}, by: Person = manager) =>
  createStudent(by.client.functions, { full_name: "Ada Lovelace", email, ...more });
const accounts = async () =>
  (
    await school.sql`select id, email from auth.users where email not like '%@managers.example' order by email`
  ).map((row) => ({ ...row }));
const students = () => school.sql`select * from public.tripwire_users order by email_key, created_at`;

async function call(request: { method?: string; token?: string | null; body?: string }) {
  const { method = "POST", token = manager.token, body = "{}" } = request;
  const response = await fetch(`${school.stack.functionsUrl}/tripwire-students`, {
    method,
    headers: {
      apikey: school.stack.publishableKey,
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(method === "GET" ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, answer: text === "" ? {} : JSON.parse(text) };
}

describe("a manager's call", () => {
  test("makes an account without a password and a student, and answers 201 with the student", async () => {
    const made = await create(" Ada@Example.com ", { phone: "8 (707) 123-45-67" });
    expect(made).toMatchObject({ ok: true, isNew: true });
    const [row] = await students();
    const [account] = await school.sql`select * from auth.users where email = 'ada@example.com'`;
    expect(made.ok && made.student).toEqual({
      id: row?.["id"],
      user_id: account?.["id"],
      full_name: "Ada Lovelace",
      email: "ada@example.com",
      phone: "+77071234567",
      status: "active",
      granted_by: manager.id,
      created_at: expect.any(String),
    });
    expect(row).toMatchObject({ user_id: account?.["id"], email: "ada@example.com", granted_by: manager.id });
    expect(account?.["encrypted_password"]).toBeNull();
    expect(account?.["email_confirmed_at"]).toBeInstanceOf(Date);
    expect(
      await school.sql`select kind from public.amocrm_outbox where subject_id = ${row?.["id"]}`,
    ).toMatchObject([{ kind: "student.created" }]);
    expect(await school.sql`select from amocrm.admissions`).toHaveLength(0);
  });

  test("repeated in another spelling answers 200 with the same student, and keeps what was there", async () => {
    const first = await create("ada@example.com");
    const admin = await school.signIn("admin");
    const again = await create(
      "ADA@example.COM",
      { full_name: "Somebody Else", phone: "+77071234567" },
      admin,
    );
    expect(again).toMatchObject({ ok: true, isNew: false });
    // The phone was missing, so it is filled in; the name was not.
    expect(again.ok && again.student).toEqual({ ...(first.ok && first.student), phone: "+77071234567" });
    expect(await create("ada@example.com", { phone: "+77070000000" })).toEqual(again);
    expect(await students()).toHaveLength(1);
  });

  test("adopts an account that somebody has already, and leaves its password and role alone", async () => {
    const other = await school.signIn("sales_manager");
    const made = await create(other.credentials.email);
    expect(made).toMatchObject({ ok: true, isNew: true, student: { user_id: other.id } });
    const { error } = await other.client.auth.signInWithPassword(other.credentials);
    expect(error).toBeNull();
    await school.sql`delete from auth.users where id = ${other.id}`;
  });

  test("gives a student whose account was deleted a new one", async () => {
    const first = await create("ada@example.com");
    await school.sql`delete from auth.users where email = 'ada@example.com'`;
    const again = await create("ada@example.com");
    expect(again).toMatchObject({ ok: true, isNew: false });
    expect(again.ok && first.ok && again.student.id === first.student.id).toBe(true);
    expect(await accounts()).toEqual([{ id: again.ok && again.student.user_id, email: "ada@example.com" }]);
  });

  test("finishes what a call left that died after it had made the account", async () => {
    const [account] = await school.sql`insert into auth.users (id, aud, role, email)
      values (gen_random_uuid(), 'authenticated', 'authenticated', 'ada@example.com') returning id`;
    expect(await create("ada@example.com")).toMatchObject({
      ok: true,
      isNew: true,
      student: { user_id: account?.["id"] },
    });
  });

  test("leaves no account behind when the database refuses the student", async () => {
    await school.sql.unsafe(`create or replace function public.refuse() returns trigger language plpgsql as
      $$ begin raise exception 'no more students'; end $$;
      create trigger refuse before insert on public.tripwire_users for each row execute function public.refuse()`);
    expect(await create("ada@example.com")).toMatchObject({ ok: false, code: "not_created" });
    expect(await accounts()).toEqual([]);
    expect(await students()).toHaveLength(0);
    expect(await school.sql`select from amocrm.admissions`).toHaveLength(0);
    // The account of somebody who had one before is not ours to delete.
    const other = await school.signIn();
    expect(await create(other.credentials.email)).toMatchObject({ ok: false, code: "not_created" });
    expect(await school.sql`select from auth.users where id = ${other.id}`).toHaveLength(1);
  });

  test("is answered although nothing of amoCRM works", async () => {
    await school.sql`alter table amocrm.kinds rename to kinds_away`;
    try {
      expect(await create("ada@example.com")).toMatchObject({ ok: true, isNew: true });
    } finally {
      await school.sql`alter table amocrm.kinds_away rename to kinds`;
    }
  });
});

describe("a call", () => {
  const body = JSON.stringify({ full_name: "Ada", email: "ada@example.com" });

  test.each<[string, string, string]>([
    ["that is no JSON", "{", "invalid_json"],
    ["without a name", '{"email":"ada@example.com"}', "invalid_request"],
    ["with an empty name", '{"full_name":"  ","email":"ada@example.com"}', "invalid_request"],
    [
      "with a name of control characters",
      '{"full_name":"A\\u0000","email":"ada@example.com"}',
      "invalid_request",
    ],
    [
      "with half a letter in the name",
      '{"full_name":"A\\ud800","email":"ada@example.com"}',
      "invalid_request",
    ],
    ["without an e-mail", '{"full_name":"Ada"}', "invalid_request"],
    ["with an e-mail that is none", '{"full_name":"Ada","email":"ada@"}', "invalid_request"],
    ["with an e-mail that Auth refuses", '{"full_name":"Ada","email":"адa@почта.рф"}', "invalid_request"],
    [
      "with a phone that is none",
      '{"full_name":"Ada","email":"a@example.com","phone":"12"}',
      "invalid_request",
    ],
    [
      "with a field too many",
      '{"full_name":"Ada","email":"a@example.com","role":"admin"}',
      "invalid_request",
    ],
    ["with a list", "[]", "invalid_request"],
  ])("%s is refused with 400", async (_, text, code) => {
    const { status, answer } = await call({ body: text });
    expect([status, answer.code]).toEqual([400, code]);
    expect(answer.message).toMatch(/\w+ \w+/);
    expect(await accounts()).toEqual([]);
  });

  test("names each faulty field and repeats no value", async () => {
    const { answer } = await call({ body: '{"full_name":"","email":"not-mine","phone":"secret"}' });
    expect(answer.issues).toEqual([
      "full_name: must not be empty",
      "email: is not an e-mail address",
      "phone: is not a phone number: 10 digits, or + and the country code",
    ]);
    expect(JSON.stringify(answer)).not.toMatch(/not-mine|secret/);
  });

  test("of somebody who is not signed in is refused with 401", async () => {
    for (const token of [null, school.stack.publishableKey, "nonsense", school.stack.secretKey]) {
      const { status, answer } = await call({ token, body });
      expect([status, answer]).toEqual([401, { code: expect.any(String), message: expect.any(String) }]);
    }
  });

  test("of somebody who is no manager is refused with 403", async () => {
    const student = await school.signIn();
    await student.client.auth.updateUser({ data: { role: "admin", app_metadata: { role: "admin" } } });
    const { data } = await student.client.auth.refreshSession();
    for (const token of [student.token, data.session?.access_token ?? ""]) {
      expect(await call({ token, body })).toMatchObject({ status: 403, answer: { code: "not_manager" } });
    }
    expect(await accounts()).toEqual([]);
  });

  test("with another method or too large a body is refused by name", async () => {
    expect(await call({ method: "GET" })).toMatchObject({
      status: 405,
      answer: { code: "method_not_allowed" },
    });
    const large = JSON.stringify({ full_name: "A".repeat(20_000), email: "ada@example.com" });
    expect(await call({ body: large })).toMatchObject({ status: 413, answer: { code: "body_too_large" } });
  });

  test("may come from a page of any origin, as browsers ask beforehand", async () => {
    const response = await fetch(`${school.stack.functionsUrl}/tripwire-students`, {
      method: "OPTIONS",
      headers: {
        origin: "https://managers.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,apikey,content-type",
      },
    });
    expect(response.status).toBeLessThan(300);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("leaves no name, address or phone in the log", async () => {
    await create("log.me@example.com", { full_name: "Loggy McLogface", phone: "+77075554433" });
    await create("log.me@example.com");
    const log = school.stack.functionLog();
    expect(log).toContain("student_created");
    expect(log).not.toMatch(/log\.me|Loggy|7075554433/i);
  });
});
