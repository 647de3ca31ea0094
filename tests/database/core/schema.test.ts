import { describe, expect, it } from "vitest";
import { useDatabase } from "../support/database.ts";

const { sql } = await useDatabase();

/** Our own objects are those of these schemas that no extension brought. */
const SCHEMAS = ["public", "amocrm"];

describe("an object of ours", () => {
  it("is commented: each schema", async () => {
    const silent = await sql`
      select nspname as name from pg_namespace
      where nspname = any(${SCHEMAS}) and obj_description(oid, 'pg_namespace') is null`;
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it("is commented: each table, view and sequence", async () => {
    // The sequence of an identity column is part of its column and has no life of its own.
    const silent = await sql`
      select class.oid::regclass::text as name from pg_class as class
      where class.relnamespace::regnamespace::text = any(${SCHEMAS}) and class.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
        and obj_description(class.oid, 'pg_class') is null
        and not exists (select from pg_depend as depend
          where depend.classid = 'pg_class'::regclass and depend.objid = class.oid and depend.deptype in ('i', 'e')
            and class.relkind = 'S')
      order by 1`;
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it("is commented: each function", async () => {
    const silent = await sql`
      select proc.oid::regprocedure::text as name from pg_proc as proc
      where proc.pronamespace::regnamespace::text = any(${SCHEMAS}) and obj_description(proc.oid, 'pg_proc') is null
      order by 1`;
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it("is there at all, so that these rules look at something", async () => {
    const [count] = await sql`
      select (select count(*) from pg_class where relnamespace::regnamespace::text = any(${SCHEMAS}) and relkind = 'r') as tables,
        (select count(*) from pg_proc where pronamespace::regnamespace::text = any(${SCHEMAS})) as functions`;
    expect(count?.["tables"]).toBeGreaterThan(10);
    expect(count?.["functions"]).toBeGreaterThan(30);
  });
});

describe("a table", () => {
  it("has row-level security on, partitions included", async () => {
    const open = await sql`
      select class.oid::regclass::text as name from pg_class as class
      where class.relnamespace::regnamespace::text = any(${SCHEMAS}) and class.relkind in ('r', 'p')
        and not class.relrowsecurity
      order by 1`;
    expect(open.map(({ name }) => name)).toEqual([]);
  });

  it("belongs to the role that migrates, as everything else does", async () => {
    const foreign = await sql`
      select class.oid::regclass::text as name from pg_class as class
      where class.relnamespace::regnamespace::text = any(${SCHEMAS})
        and class.relowner <> 'postgres'::regrole`;
    expect(foreign.map(({ name }) => name)).toEqual([]);
  });
});

describe("a view", () => {
  it("says which question it answers", async () => {
    const views = await sql<{ name: string; comment: string }[]>`
      select class.oid::regclass::text as name, obj_description(class.oid, 'pg_class') as comment
      from pg_class as class where class.relnamespace = 'public'::regnamespace and class.relkind = 'v'`;
    expect(views.length).toBeGreaterThan(10);
    expect(views.filter(({ comment }) => !/^[A-Z][^?]*\?/.test(comment)).map(({ name }) => name)).toEqual([]);
  });

  it("runs with the rights of who asks, unless it is out of everybody's reach", async () => {
    // Schema amocrm is in no role's reach but service_role's; what a view there shows, it shows through one of public.
    const definers = await sql`
      select class.oid::regclass::text as name from pg_class as class
      where class.relnamespace = 'public'::regnamespace and class.relkind = 'v'
        and not coalesce(class.reloptions, '{}') @> array['security_invoker=true']`;
    expect(definers.map(({ name }) => name)).toEqual([]);
  });
});

describe("a function", () => {
  it("has an empty search_path, so that nobody can put an object of theirs in its way", async () => {
    const open = await sql`
      select proc.oid::regprocedure::text as name from pg_proc as proc
      where proc.pronamespace::regnamespace::text = any(${SCHEMAS})
        and not coalesce(proc.proconfig, '{}') @> array['search_path=""']
      order by 1`;
    expect(open.map(({ name }) => name)).toEqual([]);
  });

  it("is executable by nobody who was not named", async () => {
    // Postgres grants EXECUTE on a new function to everybody; an empty acl would mean just that.
    const open = await sql`
      select proc.oid::regprocedure::text as name from pg_proc as proc
      where proc.pronamespace::regnamespace::text = any(${SCHEMAS})
        and exists (select from aclexplode(coalesce(proc.proacl, acldefault('f', proc.proowner))) as acl where acl.grantee = 0)
      order by 1`;
    expect(open.map(({ name }) => name)).toEqual([]);
  });

  it("is executable by visitors only if it is the clock, which column defaults read, or the check of a certificate", async () => {
    const open = await sql`
      select proc.oid::regprocedure::text as name from pg_proc as proc
      where proc.pronamespace::regnamespace::text = any(${SCHEMAS})
        and has_function_privilege('anon', proc.oid, 'execute')
      order by 1`;
    expect(open.map(({ name }) => name)).toEqual([
      "amocrm.check_certificate(text)",
      "amocrm.clock()",
      "tripwire_certificate_check(text)",
    ]);
  });
});
