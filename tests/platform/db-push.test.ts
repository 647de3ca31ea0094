import fs from "node:fs";
import path from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyProject, remoteFlag, requireSupabaseCli } from "#dev/platform/supabase-cli.ts";
import { type Postgres, startPostgres } from "#dev/stack/postgres.ts";

/** With the variables of cron set it is part of deploy.test.ts. */
describe("supabase db push", () => {
  let server: Postgres;
  let sql: postgres.Sql;
  let projectDir: string;

  beforeAll(async () => {
    server = await startPostgres({ major: 17 });
    sql = postgres(server.url(), { max: 1, onnotice: () => {} });
    projectDir = copyProject();
  });

  afterAll(async () => {
    await sql.end();
    await server.stop();
    fs.rmSync(projectDir, { recursive: true, force: true });
  });

  const push = (): Promise<string> =>
    requireSupabaseCli(["db", "push", remoteFlag(server.url()), "--yes"], { projectDir });

  const history = async (): Promise<string[]> => {
    const rows = await sql<{ file: string }[]>`
      select version || '_' || name || '.sql' as file from supabase_migrations.schema_migrations order by version`;
    return rows.map(({ file }) => file);
  };

  it("applies every migration to an empty project, and a second push changes nothing", async () => {
    await push();
    const files = fs.readdirSync(path.join(projectDir, "supabase/migrations")).sort();
    expect(await history()).toEqual(files);

    expect(await push()).toContain("up to date");
    expect(await history()).toEqual(files);
  });

  it("leaves Vault empty when their variables are not set, and health says which are missing", async () => {
    expect(await sql`select name from vault.secrets`).toEqual([]);
    const [health] = await sql`
      select verdict, problem from amocrm_health`;
    expect(health).toMatchObject({
      verdict: "unconfigured",
      problem: "Vault has no secret amocrm_functions_url",
    });
  });
});
