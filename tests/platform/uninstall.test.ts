import fs from "node:fs";
import path from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { runUninstall, type UninstallFlags } from "#cli/commands/uninstall.ts";
import { createOutput } from "#cli/output.ts";
import { readOurs } from "#cli/uninstall/ours.ts";
import { LINKS_SQL } from "#cli/uninstall/removal-sql.ts";
import type { SupabaseCli } from "#cli/uninstall/supabase-cli.ts";
import {
  FAKE_ACCESS_TOKEN,
  FAKE_PROJECT_REF,
  type FakeManagementApi,
  startFakeManagementApi,
} from "#dev/platform/fake-management-api.ts";
import { copyProject, remoteFlag, requireSupabaseCli } from "#dev/platform/supabase-cli.ts";
import { type Postgres, startPostgres } from "#dev/stack/postgres.ts";
import { sayIn } from "#shared/platform/text.ts";
import { functionSlugs } from "../architecture/support/repository.ts";

const ADA = "7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77";
let server: Postgres;
let sql: postgres.Sql;
let projectDir: string;
let api: FakeManagementApi;

beforeEach(async () => {
  // Our migrations are applied; what db push itself makes is seen where it installs all of it again.
  server = await startPostgres({ major: 17, dataTemplate: inject("dataTemplate") });
  sql = postgres(server.url(), { max: 1, onnotice: () => {} });
  await sql`delete from vault.secrets`;
  projectDir = copyProject();
  api = await startFakeManagementApi(projectDir, query);
});

afterEach(async () => {
  await sql.end();
  await api.close();
  await server.stop();
  fs.rmSync(projectDir, { recursive: true, force: true });
});

/** As the platform does it: one statement, as postgres, read-only if so asked. */
const query = async (text: string, isReadOnly: boolean): Promise<unknown> =>
  await sql.begin(isReadOnly ? "read only" : "read write", (transaction) => transaction.unsafe(text));

const push = (): Promise<string> =>
  requireSupabaseCli(["db", "push", remoteFlag(server.url()), "--yes"], { projectDir });

const hosted = (args: readonly string[]): Promise<string> =>
  requireSupabaseCli([...args, `--profile=${api.profilePath}`], {
    projectDir,
    env: { SUPABASE_ACCESS_TOKEN: FAKE_ACCESS_TOKEN },
  });

/** deploy.test.ts does it by the CLI; here only their being there counts. */
function pretendToDeploy(slugs: readonly string[] = functionSlugs()): void {
  for (const slug of [...slugs, "theirs"]) {
    const files = new Map<string, string>();
    api.functions.set(slug, {
      slug,
      entrypointPath: "index.ts",
      importMapPath: null,
      verifyJwt: false,
      files,
    });
  }
}

/** The real CLI, towards the stand-in of the platform. */
const supabase: SupabaseCli = async (args) => {
  const stdout = await hosted([...args, "--output-format", "json", "--agent", "no"]);
  return stdout.trim() === "" ? null : JSON.parse(stdout);
};

/** The same answers without a process that takes seconds to begin: where the road to the database is not what is proven. */
const direct: SupabaseCli = async (args) => {
  if (args[0] === "db") return await query(args.at(-1) ?? "", args.includes("--read-only"));
  expect(args.slice(0, 2)).toEqual(["functions", "list"]);
  return { functions: [...api.functions.values()].map(({ slug }) => ({ slug })) };
};

interface Run {
  exitCode: number;
  document: Record<string, unknown>;
}

async function uninstall(flags: UninstallFlags, road: SupabaseCli): Promise<Run> {
  let printed = "";
  const output = createOutput(true, {
    stdout: (text) => {
      printed += text;
    },
    stderr: () => {},
  });
  const exitCode = await runUninstall(flags, {
    local: undefined,
    environment: { SUPABASE_URL: `https://${FAKE_PROJECT_REF}.supabase.co` },
    output,
    say: sayIn("en"),
    prompts: null,
    ours: readOurs(),
    supabase: road,
  });
  return { exitCode, document: JSON.parse(printed) };
}

/** Everything outside of the extensions' schemas that a migration can make. */
async function inventory(): Promise<string[]> {
  const rows = await sql<{ object: string }[]>`
    select 'relation ' || oid::regclass as object from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'p', 'm', 'S')
    union all select 'function ' || oid::regprocedure from pg_proc where pronamespace = 'public'::regnamespace
    union all select 'type ' || oid::regtype from pg_type where typnamespace = 'public'::regnamespace and typtype in ('d', 'e')
    union all select 'schema ' || nspname from pg_namespace where nspname = 'amocrm'
    union all select 'trigger ' || tgname from pg_trigger where not tgisinternal and tgname ~ '^(amocrm|touch)_'
    union all select 'job ' || jobname from cron.job
    union all select 'secret ' || name from vault.secrets
    union all select 'migration ' || version from supabase_migrations.schema_migrations
    union all select 'default ' || adrelid::regclass || ' ' || pg_get_expr(adbin, adrelid) from pg_attrdef
      where pg_get_expr(adbin, adrelid) ~ 'amocrm'
    order by 1`;
  return rows.map(({ object }) => object);
}

async function insertAsVisitor(email: string): Promise<void> {
  await sql.begin(async (visitor) => {
    await visitor`set local role anon`;
    await visitor`insert into public.landing_leads (email) values (${email})`;
    await visitor`insert into public.unified_lead_tracking (email) values (${email})`;
  });
}

describe("uninstall", () => {
  it("lists all of it for a dry run and changes nothing", async () => {
    pretendToDeploy();
    const before = await inventory();
    const { exitCode, document } = await uninstall({ dryRun: true }, direct);
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ project: FAKE_PROJECT_REF, done: false, functions: functionSlugs() });
    expect(document["removed"]).toContainEqual({ kind: "schema", name: "amocrm" });
    expect(document["kept"]).toContainEqual({ name: "landing_leads", row_count: 0 });
    expect(await inventory()).toEqual(before);
    expect(api.functions.size).toBe(functionSlugs().length + 1);
  });

  it("leaves people's data, lets visitors go on, and nothing else", async () => {
    pretendToDeploy(["amocrm-drain"]);
    await sql`select vault.create_secret('k', 'amocrm_cron_key'), vault.create_secret('theirs', 'other')`;
    await sql`select cron.schedule('theirs', '* * * * *', 'select 1')`;
    await sql.unsafe(`create table public.message_board (id int); create view public.amocrm_mine as select 1 as one;
      create function public.message_count() returns int language sql as 'select 1'`);
    await insertAsVisitor("before@example.com");
    await sql`update public.unified_lead_tracking set amocrm_deal_id = 7, amocrm_synced_at = now()`;
    await sql`insert into public.tripwire_users (email) values ('student@example.com')`;

    const { exitCode, document } = await uninstall({ confirm: FAKE_PROJECT_REF }, supabase);
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ done: true });
    expect([...api.functions.keys()]).toEqual(["theirs"]);
    expect(api.unknownRequests).toEqual([]);
    expect(await inventory()).toEqual(
      [
        ...readOurs().keptTables.map((name) => `relation ${name}`),
        "relation message_board",
        "relation amocrm_mine",
        "function message_count()",
        "job theirs",
        "secret other",
      ].sort(),
    );
    await insertAsVisitor("after@example.com");
    expect(
      await sql`select email, amocrm_deal_id::int, created_at > now() - interval '1 hour' as is_new
        from public.unified_lead_tracking order by created_at`,
    ).toEqual([
      { email: "before@example.com", amocrm_deal_id: 7, is_new: true },
      { email: "before@example.com", amocrm_deal_id: 7, is_new: true },
      { email: "after@example.com", amocrm_deal_id: null, is_new: true },
    ]);
    expect(await sql`select email from public.tripwire_users`).toEqual([{ email: "student@example.com" }]);
    const again = await uninstall({ confirm: FAKE_PROJECT_REF }, direct);
    expect(again).toMatchObject({ exitCode: 0, document: { removed: [], functions: [], done: false } });
  });

  it("lets db push install it again, over what it left, as if for the first time", async () => {
    const fresh = await inventory();
    await insertAsVisitor("before@example.com");
    await sql`update public.tripwire_lessons set title = 'Mine'`;
    await sql`insert into auth.users (id, email) values (${ADA}, 'ada@example.com')`;
    await sql`with ada as (insert into public.tripwire_users (user_id, email) values (${ADA}, 'ada@example.com') returning id)
      insert into public.tripwire_certificates (student_id, user_id, number, verification_code, full_name, course_title, issued_on)
      select id, ${ADA}, 'TW-2026-000041', '0123456789ABCDEFGHJK', 'Ada', 'Tripwire', '2026-11-21' from ada`;
    await uninstall({ confirm: FAKE_PROJECT_REF }, direct);
    await insertAsVisitor("between@example.com");
    expect(await push()).not.toContain("up to date");
    expect(await inventory()).toEqual(fresh);
    expect(await sql`select title from public.tripwire_lessons group by title`).toEqual([{ title: "Mine" }]);
    expect(await sql`select nextval('amocrm.certificate_number_seq')::int as number`).toEqual([
      { number: 42 },
    ]);
    // What was saved before is history; what comes now is sent.
    expect(await sql`select id from public.amocrm_outbox`).toEqual([]);
    await insertAsVisitor("new@example.com");
    expect(
      await sql`select kind from public.amocrm_outbox where kind <> 'certificate.issued' group by kind`,
    ).toEqual([{ kind: "lead.created" }]);
    expect(await sql`select version, is_current from amocrm_versions`).toEqual([
      { version: "0.1.0", is_current: true },
    ]);
  });

  it("writes which contact and deal belong to which row before they are forgotten", async () => {
    await sql`insert into amocrm.links (subject_table, subject_id, object, amocrm_id)
      values ('unified_lead_tracking', ${ADA}, 'deal', 9007199254740991)`;
    const file = path.join(projectDir, "links.json");
    await uninstall({ confirm: FAKE_PROJECT_REF, export: file }, (args) =>
      (args.at(-1) === LINKS_SQL ? supabase : direct)(args),
    );
    expect(JSON.parse(fs.readFileSync(file, "utf8"))).toMatchObject([
      {
        subject_table: "unified_lead_tracking",
        subject_id: ADA,
        object: "deal",
        amocrm_id: 9007199254740991,
      },
    ]);
  });

  it("removes nothing if another ref is typed, or one command fails", async () => {
    expect(await uninstall({ confirm: "zzzzzzzzzzzzzzzzzzzz" }, direct)).toMatchObject({
      exitCode: 1,
      document: { done: false },
    });
    const before = await inventory();
    await sql`create view public.theirs as select * from public.amocrm_routes`;
    await expect(
      uninstall({ confirm: FAKE_PROJECT_REF }, (args) => (args.includes("--yes") ? supabase : direct)(args)),
    ).rejects.toThrow(
      /something of yours is built on it, drop that first: view theirs depends on table amocrm_routes/,
    );
    await sql`drop view public.theirs`;
    expect(await inventory()).toEqual(before);
  });
});
