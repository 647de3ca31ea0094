import path from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SUPABASE_DIR, schemaFiles } from "#dev/schemas/schema-files.ts";
import { migrate } from "#dev/stack/migrate.ts";
import { type Postgres, startPostgres } from "#dev/stack/postgres.ts";
import { contentsOf, differenceOf } from "./support/compare-databases.ts";

/** Both are made at the same hour, so that what is dated at the installation is alike. */
const HOUR = "2026-12-15T12:00:00Z";

async function applySchemas(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for (const { path: file, text } of schemaFiles()) {
      await sql.unsafe(text).catch((cause) => {
        throw new Error(`${file}: ${(cause as Error).message}`, { cause });
      });
    }
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
    await applySchemas(bySchemas.url());
    await migrate(byMigrations.url(), path.join(SUPABASE_DIR, "migrations"));
    // The history is the migrations' own.
    const sql = postgres(bySchemas.url(), { max: 1, onnotice: () => {} });
    await migrate(bySchemas.url(), path.join(SUPABASE_DIR, "none"));
    await sql.end();
  });
  afterAll(() => Promise.all([bySchemas?.stop(), byMigrations?.stop()]));

  it("the migrations make the database that the schema files make", async () => {
    expect(await differenceOf(bySchemas.url(), byMigrations.url())).toBe("");
  });

  it("with the same rows, jobs, sequences and default privileges", async () => {
    const contents = await contentsOf(bySchemas.url());
    expect(Object.keys(contents)).toEqual(
      expect.arrayContaining(["amocrm.kinds", "amocrm.error_policies", "amocrm.jobs", "amocrm.triggers"]),
    );
    expect(await contentsOf(byMigrations.url())).toEqual(contents);
  });

  it("and a difference would be seen", async () => {
    const sql = postgres(byMigrations.url(), { max: 1, onnotice: () => {} });
    await sql.unsafe(`comment on function amocrm.clock() is 'Another.';
      update amocrm.kinds set priority = 4 where kind = 'lead.created';
      alter default privileges in schema public grant select on tables to anon;`);
    await sql.end();
    expect(await differenceOf(bySchemas.url(), byMigrations.url())).toContain("Another.");
    const [before, after] = [await contentsOf(bySchemas.url()), await contentsOf(byMigrations.url())];
    expect(
      Object.keys(before).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])),
    ).toEqual(["defaultPrivileges", "amocrm.kinds"]);
  });
});
