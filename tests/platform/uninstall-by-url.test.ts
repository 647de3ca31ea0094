import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { runUninstall, type UninstallFlags } from "#cli/commands/uninstall.ts";
import type { Failure } from "#cli/failure.ts";
import { createOutput } from "#cli/output.ts";
import { readOurs } from "#cli/uninstall/ours.ts";
import { createSupabaseCli } from "#cli/uninstall/supabase-cli.ts";
import { CLI_ENVIRONMENT } from "#dev/platform/supabase-cli.ts";
import { type Postgres, startPostgres } from "#dev/stack/postgres.ts";
import { sayIn } from "#shared/platform/text.ts";

let server: Postgres;
let sql: postgres.Sql;
let home: string;

beforeEach(async () => {
  server = await startPostgres({ major: 17, dataTemplate: inject("dataTemplate") });
  sql = postgres(server.url(), { max: 1, onnotice: () => {} });
  home = fs.mkdtempSync(path.join(os.tmpdir(), "supabase-home-"));
});

afterEach(async () => {
  await sql.end();
  await server.stop();
  fs.rmSync(home, { recursive: true, force: true });
});

/** As the operator runs it: our own wrapper of the real CLI, straight to a database. */
async function uninstall(flags: UninstallFlags): Promise<{ exitCode: number; printed: string }> {
  let printed = "";
  const output = createOutput(false, {
    stdout: (text) => {
      printed += text;
    },
    stderr: () => {},
  });
  const exitCode = await runUninstall(flags, {
    local: undefined,
    environment: {},
    output,
    say: sayIn("en"),
    prompts: null,
    ours: readOurs(),
    supabase: createSupabaseCli({
      PATH: process.env["PATH"],
      HOME: home,
      ...CLI_ENVIRONMENT,
    }),
  });
  return { exitCode, printed };
}

describe("uninstall of a database that is named by its URL", () => {
  it("lists, removes and says so, and finds nothing the next time", async () => {
    await sql`insert into public.landing_leads (email) values ('a@example.com')`;
    const flags = { remote: server.url(), confirm: new URL(server.url()).host };
    const { exitCode, printed } = await uninstall(flags);
    expect(printed).toContain(`  ${readOurs().migrations.length} rows of the history of migrations: 2026`);
    expect(printed).toContain("! 1 message has not reached amoCRM, and will not.");
    expect(printed).toContain("  landing_leads: 1 row\n");
    expect(printed).toContain("✓ Removed.");
    expect(exitCode).toBe(0);
    expect(await sql`select to_regnamespace('amocrm') as schema`).toEqual([{ schema: null }]);

    const again = await uninstall(flags);
    expect(again).toMatchObject({ exitCode: 0, printed: expect.stringContaining("Nothing of it is there") });
  });

  it("writes the links first, and says which view of the project's own is in the way", async () => {
    await sql`create view public.theirs as select * from public.amocrm_routes`;
    const file = path.join(home, "links.json");
    const failure = await uninstall({
      remote: server.url(),
      confirm: new URL(server.url()).host,
      export: file,
    }).catch((error: Failure) => error);
    expect(failure).toMatchObject({
      message: expect.stringContaining("drop that first: view theirs depends on table amocrm_routes"),
      // To log in would mend nothing here.
      remedy: null,
    });
    expect(JSON.parse(fs.readFileSync(file, "utf8"))).toEqual([]);
    expect(await sql`select from public.amocrm_routes`).toEqual([]);
  });
});
