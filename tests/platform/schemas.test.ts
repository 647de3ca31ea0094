import path from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SUPABASE_DIR, schemaFiles } from "#dev/schemas/schema-files.ts";
import { migrate } from "#dev/stack/migrate.ts";
import { type Postgres, startPostgres } from "#dev/stack/postgres.ts";
import { contentsOf, differenceOf } from "./support/compare-databases.ts";

/** Both are made at the same hour, so that what is dated at the installation is alike. */
const HOUR = "2026-12-15T12:00:00Z";

async function applySchemas(sql: postgres.Sql): Promise<void> {
  for (const { path: file, text } of schemaFiles()) {
    await sql.unsafe(text).catch((cause) => {
      throw new Error(`${file}: ${(cause as Error).message}`, { cause });
    });
  }
}

async function withSql<T>({ url }: Postgres, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url(), { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

describe.each([17, 15] as const)("on Postgres %i", (major) => {
  let bySchemas: Postgres;
  let byMigrations: Postgres;

  beforeAll(async () => {
    // A server for each: pg_cron keeps its jobs in one database of a server.
    [bySchemas, byMigrations] = await Promise.all([startPostgres({ major }), startPostgres({ major })]);
    for (const server of [bySchemas, byMigrations]) {
      const admin = postgres(server.url("supabase_admin"), { max: 1, onnotice: () => {} });
      await admin.unsafe(`alter database postgres set amocrm.test_clock = '${HOUR}'`);
      await admin.end();
    }
    await withSql(bySchemas, applySchemas);
    await migrate(byMigrations.url(), path.join(SUPABASE_DIR, "migrations"));
    // The history is the migrations' own.
    await migrate(bySchemas.url(), path.join(SUPABASE_DIR, "none"));
  });
  afterAll(() => Promise.all([bySchemas?.stop(), byMigrations?.stop()]));

  let contents: Record<string, unknown>;

  it("the migrations make the same rows, jobs, sequences and default privileges as the schema files", async () => {
    contents = await contentsOf(bySchemas.url());
    expect(Object.keys(contents)).toEqual(
      expect.arrayContaining(["amocrm.kinds", "amocrm.error_policies", "amocrm.jobs", "amocrm.triggers"]),
    );
    expect(await contentsOf(byMigrations.url())).toEqual(contents);
  });

  it("and the same database, but for a difference that is made here and seen", async () => {
    const [told] = await withSql(
      bySchemas,
      (sql) => sql`select obj_description('amocrm.clock()'::regprocedure) as comment`,
    );
    const comment = `${told?.["comment"]} Another.`.replaceAll("'", "''");
    // Behind what it was, which thus has to be alike.
    await withSql(byMigrations, (sql) =>
      sql.unsafe(`do $$ begin
        execute format('comment on function amocrm.clock() is %L',
          obj_description('amocrm.clock()'::regprocedure) || ' Another.');
      end $$`),
    );
    expect(await differenceOf(bySchemas.url(), byMigrations.url())).toBe(
      `SET local check_function_bodies = off;\n\nCOMMENT ON FUNCTION "amocrm"."clock"() IS '${comment}';`,
    );
    await withSql(byMigrations, (sql) =>
      sql.unsafe(`update amocrm.kinds set priority = 4 where kind = 'lead.created';
        alter default privileges in schema public grant select on tables to anon;`),
    );
    const after = await contentsOf(byMigrations.url());
    expect(
      Object.keys(contents).filter((name) => JSON.stringify(contents[name]) !== JSON.stringify(after[name])),
    ).toEqual(["defaultPrivileges", "amocrm.kinds"]);
  });
});
