import fs from "node:fs";
import path from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyProject, remoteFlag, requireSupabaseCli } from "#dev/platform/supabase-cli.ts";
import { type Postgres, startPostgres } from "#dev/stack/postgres.ts";

describe("supabase db push", () => {
  let server: Postgres;
  let sql: postgres.Sql;
  let projectDir: string;

  beforeEach(async () => {
    server = await startPostgres({ major: 17 });
    sql = postgres(server.url(), { max: 1, onnotice: () => {} });
    projectDir = copyProject();
  });

  afterEach(async () => {
    await sql.end();
    await server.stop();
    fs.rmSync(projectDir, { recursive: true, force: true });
  });

  const push = (env: Record<string, string> = {}): Promise<string> =>
    requireSupabaseCli(["db", "push", remoteFlag(server.url()), "--yes"], { projectDir, env });

  const secrets = async (): Promise<Record<string, string>> => {
    const rows = await sql<{ name: string; secret: string }[]>`
      select name, decrypted_secret as secret from vault.decrypted_secrets`;
    return Object.fromEntries(rows.map(({ name, secret }) => [name, secret]));
  };

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

  it("writes the secrets of cron into Vault when their variables are set", async () => {
    await push({
      AMOCRM_FUNCTIONS_URL: "https://example.test/functions/v1",
      AMOCRM_CRON_KEY: "sb_secret_test",
    });
    expect(await secrets()).toEqual({
      amocrm_functions_url: "https://example.test/functions/v1",
      amocrm_cron_key: "sb_secret_test",
      // What the calls carry, in place of that key.
      amocrm_call_token: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("leaves Vault empty when their variables are not set, and health says which are missing", async () => {
    await push();
    expect(await secrets()).toEqual({});
    const [health] = await sql`
      select verdict, problem from amocrm_health`;
    expect(health).toMatchObject({
      verdict: "unconfigured",
      problem: "Vault has no secret amocrm_functions_url",
    });
  });
});
