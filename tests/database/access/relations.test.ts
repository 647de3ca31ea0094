import { beforeEach, describe, expect, test } from "vitest";
import { type Session, useDatabase } from "../support/database.ts";
import { outcomeOf } from "../support/errors.ts";
import { ADMIN, ANON, type Caller, MANAGER, openDataApi, SERVICE, STUDENT } from "../support/roles.ts";
import { type CallerName, RELATIONS, type Rights } from "./expectations.ts";

const database = await useDatabase({ isEmptiedOnce: true });
const attempt = openDataApi(database, { rollsBack: true });
const CALLERS: Record<CallerName, Caller> = {
  anon: ANON,
  student: STUDENT,
  manager: MANAGER,
  admin: ADMIN,
  service_role: SERVICE,
};

interface Column {
  name: string;
  type: string;
  isAlwaysGenerated: boolean;
}

const relations = await database.sql<{ name: string; isView: boolean; columns: Column[] }[]>`
  select relname as name, relkind = 'v' as "isView", jsonb_agg(jsonb_build_object('name', attname,
    'type', format_type(atttypid, atttypmod), 'isAlwaysGenerated', attidentity = 'a') order by attnum) as columns
  from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
  group by relname, relkind order by relname`;

/**
 * What statements that touch no row are answered, all in one transaction: whether the role may run each at all. One round trip
 * for each would be forty thousand.
 */
async function areAllowed(caller: Caller, statements: readonly string[]): Promise<boolean[]> {
  const outcomes = await attempt(caller, async (sql: Session) => {
    await sql.unsafe(`do $outer$
      declare
        v_statement text;
        v_outcomes text[] := '{}';
      begin
        foreach v_statement in array ${arrayOf(statements)} loop
          begin
            execute v_statement;
            v_outcomes := v_outcomes || 'ok'::text;
          exception when others then
            v_outcomes := v_outcomes || sqlstate;
          end;
        end loop;
        perform set_config('test.outcomes', array_to_json(v_outcomes)::text, true);
      end $outer$`);
    const [row] = await sql`select current_setting('test.outcomes')::json as outcomes`;
    return row?.["outcomes"] as string[];
  });
  return statements.map((statement, index) => {
    const outcome = outcomes[index] ?? "none";
    // 55000: a view that cannot be written; 428C9: a column that is always generated.
    if (!["ok", "42501", "55000", "428C9"].includes(outcome)) throw new Error(`${outcome}: ${statement}`);
    return outcome === "ok";
  });
}

const arrayOf = (texts: readonly string[]): string =>
  `array[${texts.map((text) => `$text$${text}$text$`).join(", ")}]::text[]`;

async function rightsOf(caller: Caller, name: string, columns: Column[]): Promise<Rights> {
  const first = columns.find((column) => !column.isAlwaysGenerated)?.name ?? "";
  const [select, update, remove, ...inserts] = await areAllowed(caller, [
    `select * from public.${name}`,
    `update public.${name} set ${first} = null where false`,
    `delete from public.${name} where false`,
    ...columns.map(
      (column) => `insert into public.${name} (${column.name}) select null::${column.type} where false`,
    ),
  ]);
  const given = columns.filter((_, index) => inserts[index]).map((column) => column.name);
  const all = columns.filter((column) => !column.isAlwaysGenerated).length;
  return {
    ...(select && { select: true }),
    ...(given.length > 0 && { insert: given.length === all ? "all" : given }),
    ...(update && { update: true }),
    ...(remove && { delete: true }),
  };
}

const sorted = (rights: Rights): Rights =>
  Array.isArray(rights.insert) ? { ...rights, insert: rights.insert.toSorted() } : rights;

test("every table and view of public has an expectation, and every expectation its relation", () => {
  expect(relations.map(({ name }) => name)).toEqual(Object.keys(RELATIONS).toSorted());
});

describe.each(relations)("$name", ({ name, columns }) => {
  test.each(Object.keys(CALLERS) as CallerName[])(
    "lets %s do what the design says and nothing else",
    async (caller) => {
      expect(sorted(await rightsOf(CALLERS[caller], name, columns))).toEqual(
        sorted(RELATIONS[name]?.[caller] ?? {}),
      );
    },
  );

  test("can be truncated by nobody but its owner", async () => {
    const mayTruncate = [];
    for (const role of ["anon", "authenticated", "service_role"]) {
      const [row] =
        await database.sql`select has_table_privilege(${role}, ${`public.${name}`}, 'truncate') as may`;
      if (row?.["may"] === true) mayTruncate.push(role);
    }
    expect(mayTruncate).toEqual([]);
  });
});

test("every table of public and amocrm has row-level security on", async () => {
  const open = await database.sql`select relnamespace::regnamespace || '.' || relname as name from pg_class
    where relnamespace in ('public'::regnamespace, 'amocrm'::regnamespace) and relkind in ('r', 'p') and not relrowsecurity`;
  expect(open).toEqual([]);
});

test("every view of public runs with the rights of its reader", async () => {
  const definers = await database.sql`select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'v'
      and not coalesce('security_invoker=true' = any (reloptions), false)`;
  expect(definers).toEqual([]);
});

test("no sequence of public or amocrm is open to visitors or signed-in people", async () => {
  const open = await database.sql`select relname, privilege_type, grantee::regrole::text as grantee
    from pg_class cross join aclexplode(relacl) where relkind = 'S'
      and relnamespace in ('public'::regnamespace, 'amocrm'::regnamespace) and grantee::regrole::text <> 'postgres'`;
  expect(open).toEqual([]);
});

describe("the schema amocrm", () => {
  const inner = [
    "amocrm.outbox",
    "amocrm.people",
    "amocrm.person_keys",
    "amocrm.links",
    "amocrm.queue_control",
  ];
  beforeEach(() => database.sql`insert into amocrm.people default values`);

  test.each([ANON, STUDENT, MANAGER, ADMIN])(
    "is out of reach for $role $claims.app_metadata.role",
    async (caller) => {
      for (const name of inner) {
        expect(await outcomeOf(attempt(caller, (sql) => sql.unsafe(`select from ${name}`)))).toBe("42501");
      }
      for (const call of ["amocrm.clock()", "amocrm.pause('x')", "amocrm.health_row()", "amocrm.sweep()"]) {
        expect(await outcomeOf(attempt(caller, (sql) => sql.unsafe(`select ${call}`)))).toBe("42501");
      }
    },
  );

  test("cannot be written by service_role past the functions", async () => {
    for (const name of inner) {
      expect(await outcomeOf(attempt(SERVICE, (sql) => sql.unsafe(`delete from ${name}`)))).toBe("42501");
    }
  });
});
