import { describe, expect, test } from "vitest";
import { migrate } from "#dev/stack/migrate.ts";
import { openUnmigratedDatabase, type Session, useDatabase } from "../support/database.ts";
import { errorOf, outcomeOf } from "../support/errors.ts";
import { ADMIN, ANON, type Caller, MANAGER, openDataApi, SERVICE, STUDENT } from "../support/roles.ts";
import { MIGRATIONS_DIR } from "../support/server.ts";
import { type CallerName, FUNCTIONS } from "./expectations.ts";

const database = await useDatabase({ isEmptiedOnce: true });
const attempt = openDataApi(database, { rollsBack: true });
const CALLERS: Record<CallerName, Caller> = {
  anon: ANON,
  student: STUDENT,
  manager: MANAGER,
  admin: ADMIN,
  service_role: SERVICE,
};

const functions = await database.sql<{ name: string; call: string }[]>`
  select proname as name, format('public.%I(%s)', proname,
    (select string_agg(format('null::%s', format_type(type, null)), ', ' order by place)
     from unnest(proargtypes) with ordinality as arguments (type, place))) as call
  from pg_proc where pronamespace = 'public'::regnamespace order by proname`;

test("every function of public has an expectation, and every expectation its function", () => {
  expect(functions.map(({ name }) => name)).toEqual(Object.keys(FUNCTIONS).toSorted());
});

describe.each(functions)("$name", ({ name, call }) => {
  test("can be called by those whom the design names, and is refused to all others", async () => {
    const may: string[] = [];
    for (const [caller, claims] of Object.entries(CALLERS)) {
      const outcome = await outcomeOf(attempt(claims, (sql) => sql.unsafe(`select ${call}`)));
      if (outcome !== "42501") may.push(caller);
    }
    expect(may.toSorted()).toEqual(FUNCTIONS[name]?.toSorted());
  });
});

test("no function of amocrm can be executed by visitors, but for the clock that a column default calls and the check of a certificate", async () => {
  const open = await database.sql`select proname as name from pg_proc
    where pronamespace = 'amocrm'::regnamespace and has_function_privilege('anon', oid, 'execute') order by proname`;
  expect(open).toEqual([{ name: "check_certificate" }, { name: "clock" }]);
});

test("every function pins its search_path", async () => {
  const loose = await database.sql`select oid::regprocedure::text as name from pg_proc
    where pronamespace in ('public'::regnamespace, 'amocrm'::regnamespace)
      and not coalesce(exists (select from unnest(proconfig) as setting where setting like 'search_path=%'), false)`;
  expect(loose).toEqual([]);
});

test("every object has a comment", async () => {
  const mute = await database.sql`
    select oid::regprocedure::text as name from pg_proc
    where pronamespace in ('public'::regnamespace, 'amocrm'::regnamespace) and obj_description(oid, 'pg_proc') is null
    union all
    select oid::regclass::text from pg_class
    where relnamespace in ('public'::regnamespace, 'amocrm'::regnamespace) and relkind in ('r', 'p', 'v')
      and obj_description(oid, 'pg_class') is null`;
  expect(mute).toEqual([]);
});

test("an admin function tells a signed-in person who is no admin what is missing", async () => {
  const error = await errorOf(attempt(MANAGER, (sql) => sql`select amocrm_pause('x')`));
  expect(error).toMatchObject({ code: "42501", message: "only admins may do this" });
  expect(error.hint).toContain("app_metadata.role");
});

test("a role of the project's own, which inherits from authenticated, is no admin", async () => {
  const superuser = database.connect({ user: "supabase_admin" });
  await superuser.unsafe(
    "drop role if exists test_accountant; create role test_accountant in role authenticated",
  );
  await superuser.unsafe("grant test_accountant to authenticator");
  try {
    const accountant = { role: "test_accountant" as "authenticated", claims: {} };
    expect(await outcomeOf(attempt(accountant, (sql) => sql`select amocrm_pause('x')`))).toBe("42501");
    expect(await outcomeOf(attempt(accountant, (sql) => sql`select * from amocrm_health`))).toBe("42501");
  } finally {
    await superuser.unsafe("drop role test_accountant");
  }
});

/** What the roles of the Data API hold on each object of ours. */
async function grants(sql: Session): Promise<readonly unknown[]> {
  return await sql`
    select object, privilege_type, grantee::regrole::text as grantee from (
      select oid::regclass::text as object, relacl as acl from pg_class where relnamespace = 'public'::regnamespace
      union all
      select oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner)) from pg_proc
      where pronamespace in ('public'::regnamespace, 'amocrm'::regnamespace)
    ) as objects cross join lateral aclexplode(acl)
    where grantee = 0 or grantee in ('anon'::regrole, 'authenticated'::regrole, 'service_role'::regrole) order by 1, 2, 3`;
}

test("an older project, whose default privileges give everything away, ends with the same grants", async () => {
  const older = await openUnmigratedDatabase();
  try {
    for (const objects of ["tables", "functions", "sequences"]) {
      await older.sql.unsafe(`alter default privileges for role postgres in schema public
        grant all on ${objects} to anon, authenticated, service_role`);
    }
    await migrate(older.url(), MIGRATIONS_DIR);
    expect(await grants(older.sql)).toEqual(await grants(database.sql));
  } finally {
    await older.drop();
  }
});
