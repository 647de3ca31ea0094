import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SUPABASE_CLI } from "#cli/uninstall/supabase-cli.ts";
import {
  CLI_ENVIRONMENT,
  copyProject,
  remoteFlag,
  requireSupabaseCli,
  runSupabaseCli,
  supabaseCli,
} from "#dev/platform/supabase-cli.ts";
import { migrate } from "#dev/stack/migrate.ts";
import { type Postgres, startPostgres } from "#dev/stack/postgres.ts";
import { readText } from "../architecture/support/repository.ts";

const OLDER = "20250101000000_customers.sql";
const NEWER = "20261201000000_orders.sql";

let server: Postgres;
let sql: postgres.Sql;
let ours: string;
let opened: string[];

beforeEach(async () => {
  server = await startPostgres({ major: 17 });
  sql = postgres(server.url(), { max: 1, onnotice: () => {} });
  ours = copyProject();
  opened = [ours];
});
afterEach(async () => {
  await sql.end();
  await server.stop();
  for (const folder of opened) fs.rmSync(folder, { recursive: true, force: true });
});

/** Without the CLI, where only what it finds counts. */
const apply = (folder: string) => migrate(server.url(), path.join(folder, "supabase/migrations"));
const pushOurs = (...flags: string[]) =>
  runSupabaseCli(["db", "push", remoteFlag(server.url()), "--yes", ...flags], { projectDir: ours });
const history = async () =>
  (await sql`select version from supabase_migrations.schema_migrations order by version`).map(({ version }) =>
    String(version),
  );
const versionsIn = (folder: string) =>
  fs
    .readdirSync(path.join(folder, "supabase/migrations"))
    .map((file) => file.slice(0, 14))
    .sort();

/** The commands of a document's block of shell that has the given text in it. */
function commandsWith(file: string, marker: string): string[] {
  const blocks = [...readText(file).matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
  const block = blocks.find((one) => one.includes(marker));
  if (block === undefined) throw new Error(`${file} has no block of shell with ${marker}`);
  return block.trim().split("\n");
}

/** Runs a line of a document as it stands there, in a folder; only where the project is differs. */
async function run(line: string, folder: string): Promise<string> {
  const command = line
    .replaceAll(`npx ${SUPABASE_CLI}`, `"${supabaseCli()}"`)
    .replaceAll("--remote=$REF", `'${remoteFlag(server.url())}'`);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    AMOCRM: ours,
    ...CLI_ENVIRONMENT,
  };
  const { stdout, stderr } = await promisify(execFile)("sh", ["-c", command], { cwd: folder, env });
  return stdout + stderr;
}

/** A project whose owner has applied two migrations, one older and one newer than ours. */
async function startTheirs(): Promise<string> {
  const theirs = fs.mkdtempSync(path.join(os.tmpdir(), "their-project-"));
  opened.push(theirs);
  fs.mkdirSync(path.join(theirs, "supabase/migrations"), { recursive: true });
  fs.writeFileSync(
    path.join(theirs, "supabase/config.toml"),
    'project_id = "theirs"\n\n[db]\nmajor_version = 17\n',
  );
  const migration = (file: string, text: string) =>
    fs.writeFileSync(path.join(theirs, "supabase/migrations", file), text);
  migration(OLDER, "create table public.customers (id int primary key);");
  migration(NEWER, "create table public.orders (id int primary key);");
  await apply(theirs);
  return theirs;
}

describe("a project with migrations of its own", () => {
  it("refuses db push from here, with nothing applied, and gets ours by the commands of docs/start/deploy.md; its owner goes on pushing", async () => {
    const theirs = await startTheirs();
    const answer = await pushOurs();
    expect(answer.exitCode).not.toBe(0);
    expect(answer.stdout + answer.stderr).toContain(
      "Remote migration versions not found in local migrations directory",
    );
    expect(await sql`select to_regnamespace('amocrm') as schema`).toEqual([{ schema: null }]);

    const commands = commandsWith("docs/start/deploy.md", 'cp "$AMOCRM"');
    expect(commandsWith("docs/start/deploy.ru.md", 'cp "$AMOCRM"')).toEqual(commands);
    for (const command of commands) {
      const printed = await run(command, theirs);
      if (command.includes("--dry-run")) {
        expect(printed).toContain("20261130000000_core.sql");
        expect(await sql`select to_regnamespace('amocrm') as schema`).toEqual([{ schema: null }]);
      }
    }
    expect(await history()).toEqual(versionsIn(theirs));
    expect(versionsIn(theirs)).toEqual([...versionsIn(ours), OLDER.slice(0, 14), NEWER.slice(0, 14)].sort());
    await sql.begin(async (visitor) => {
      await visitor`set local role anon`;
      await visitor`insert into public.landing_leads (email) values ('ada@example.com')`;
    });
    expect(await sql`select state from amocrm_outbox`).toEqual([{ state: "pending" }]);

    const next = "20261202000000_invoices.sql";
    fs.writeFileSync(
      path.join(theirs, "supabase/migrations", next),
      "create table public.invoices (id int primary key);",
    );
    await requireSupabaseCli(["db", "push", remoteFlag(server.url()), "--yes"], { projectDir: theirs });
    expect(await sql`select to_regclass('public.invoices')::text as name`).toEqual([{ name: "invoices" }]);
  });
});

describe("a database that was moved by a dump", () => {
  it("without its history is told, by the runbook's command, that ours are applied", async () => {
    await apply(ours);
    await sql`drop schema supabase_migrations cascade`;
    const refused = await pushOurs();
    expect(refused.stdout + refused.stderr).toContain('schema "amocrm" already exists');
    for (const command of commandsWith("docs/operate/runbook.md", "migration repair"))
      await run(command, ours);
    expect(await history()).toEqual(versionsIn(ours));
    expect((await pushOurs()).stdout).toContain("up to date");
  });

  it("under another Vault key is pushed to without the secrets, or once those it cannot decrypt are gone", async () => {
    const env = {
      AMOCRM_FUNCTIONS_URL: "https://abc.supabase.co/functions/v1",
      AMOCRM_CRON_KEY: "sb_secret_here",
    };
    const push = (...flags: string[]) =>
      runSupabaseCli(["db", "push", remoteFlag(server.url()), "--yes", ...flags], { projectDir: ours, env });
    const add = (file: string) => fs.writeFileSync(path.join(ours, "supabase/migrations", file), "select 1;");
    await sql`select vault.create_secret('there', 'amocrm_functions_url'), vault.create_secret('there', 'amocrm_cron_key')`;
    const superuser = postgres(server.url("supabase_admin"), { max: 1, onnotice: () => {} });
    await superuser.unsafe("alter database postgres set vault_stand_in.root_key = 'of another project'");
    await superuser.end();
    await apply(ours);
    add("20261130009998_next.sql");
    const refused = await push();
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stdout + refused.stderr).toContain("failed to update vault");
    expect((await push("--skip-vault")).exitCode).toBe(0);
    expect(await history()).toEqual(versionsIn(ours));

    add("20261130009999_last.sql");
    const mend = /delete from vault\.secrets where name like [^;]+;/.exec(
      readText("docs/operate/runbook.md"),
    )?.[0];
    await sql.unsafe(mend ?? "");
    expect((await push()).exitCode).toBe(0);
    const fresh = postgres(server.url(), { max: 1, onnotice: () => {} });
    expect(await fresh`select name, decrypted_secret from vault.decrypted_secrets order by name`).toEqual([
      { name: "amocrm_cron_key", decrypted_secret: env.AMOCRM_CRON_KEY },
      { name: "amocrm_functions_url", decrypted_secret: env.AMOCRM_FUNCTIONS_URL },
    ]);
    await fresh.end();
  });
});
