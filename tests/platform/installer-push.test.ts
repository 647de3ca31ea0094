import path from "node:path";
import postgres from "postgres";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  FAKE_ACCESS_TOKEN,
  FAKE_PROJECT_REF,
  type FakeManagementApi,
  startFakeManagementApi,
} from "#dev/platform/fake-management-api.ts";
import { CLI_ENVIRONMENT, remoteFlag, requireSupabaseCli, supabaseCli } from "#dev/platform/supabase-cli.ts";
import { migrate } from "#dev/stack/migrate.ts";
import { type Postgres, startPostgres } from "#dev/stack/postgres.ts";
import { BY_HAND } from "#installer/known.ts";
import { functionSlugs } from "../architecture/support/repository.ts";
import {
  copyEarlierByHand,
  createHostProject,
  FOREIGN_COUNT,
  fillHostProject,
  type HostProject,
} from "./support/host-project.ts";
import { type InstalledPackage, installedPackage } from "./support/package.ts";

let installed: InstalledPackage;
let server: Postgres;
let sql: postgres.Sql;
let project: HostProject;
beforeAll(async () => {
  installed = await installedPackage();
});
beforeEach(async () => {
  server = await startPostgres({ major: 17 });
  sql = postgres(server.url(), { max: 1, onnotice: () => {} });
  project = createHostProject(installed);
});
afterEach(async () => {
  await sql.end();
  await server.stop();
  project.remove();
});

const history = async () =>
  (await sql`select version from supabase_migrations.schema_migrations order by version`).map(({ version }) =>
    String(version),
  );
/**
 * Without the CLI, which costs seconds, but refused for what it would refuse: an applied file that is gone, and a new one that is
 * not behind the applied. The first test has the CLI push each kind of file that is written here.
 */
const apply = async () => {
  const [table] = await sql`select to_regclass('supabase_migrations.schema_migrations') as name`;
  const applied = table?.["name"] ? await history() : [];
  const versions = project.migrations().map((file) => file.slice(0, 14));
  expect(versions.slice(0, applied.length)).toEqual(applied);
  await migrate(server.url(), path.join(project.folder, "supabase/migrations"));
};
const push = () =>
  requireSupabaseCli(["db", "push", remoteFlag(server.url()), "--yes"], { projectDir: project.folder });
const installer = async (...args: string[]) => {
  const { status, output } = await project.run(...args, "--yes");
  if (status !== 0) throw new Error(output);
};
const leaveLead = (email: string) =>
  sql.begin(async (visitor) => {
    await visitor`set local role anon`;
    await visitor`insert into public.landing_leads (email) values (${email})`;
  });
const schema = async () => (await sql`select to_regnamespace('amocrm')::text as name`)[0]?.["name"];
const pending = async () => (await sql`select count(*)::int as n from amocrm_outbox`)[0]?.["n"];
const leads = async () =>
  (await sql`select email from landing_leads order by email`).map(({ email }) => email);

describe("a project with 40 migrations and functions of its own", () => {
  it("is pushed to after init, uninstall and init again, and keeps its leads", async () => {
    fillHostProject(project);
    await apply();
    const theirs = project.hashes();
    await installer("init");
    await push();
    await leaveLead("ada@example.com");
    expect(await pending()).toBe(1);
    // With which db push says that all is up to date: db-push.test.ts.
    expect(await history()).toEqual(project.migrations().map((file) => file.slice(0, 14)));

    await installer("uninstall");
    await push();
    expect(await schema()).toBeNull();
    await leaveLead("bob@example.com");

    await installer("init");
    await apply();
    await leaveLead("eve@example.com");
    expect(await pending()).toBe(1);
    expect(await leads()).toEqual(["ada@example.com", "bob@example.com", "eve@example.com"]);
    const [count] = await sql`
      select count(*)::int as n from information_schema.tables where table_schema = 'public' and table_name like 'theirs_%'`;
    expect(count).toEqual({ n: FOREIGN_COUNT });
    const now = project.hashes();
    for (const [place, hash] of theirs) if (place !== "config.toml") expect(now.get(place), place).toBe(hash);
  });

  it("makes the same of a fresh database, whatever it went through", async () => {
    fillHostProject(project);
    for (const command of ["init", "uninstall", "init"]) await installer(command);
    await apply();
    await leaveLead("ada@example.com");
    expect(await pending()).toBe(1);
    await installer("uninstall");
    await apply();
    expect(await schema()).toBeNull();
  });
});

describe("amocrm uninstall, of the package", () => {
  it("takes the rows of the history out that init has given names and times of the project's own", async () => {
    project.write(
      "migrations/20250101000000_theirs.sql",
      "create table public.theirs (id int primary key);\n",
    );
    await installer("init");
    await apply();
    const host = new URL(server.url()).host;
    const { status, output } = await project.runWith(
      { ...CLI_ENVIRONMENT, SUPABASE_CLI: supabaseCli() },
      "amocrm",
      "uninstall",
      `--remote=${server.url()}`,
      `--confirm=${host}`,
    );
    expect({ status, output }).toMatchObject({ status: 0, output: expect.stringContaining("✓ Removed.") });
    expect(await schema()).toBeNull();
    expect(await sql`select name from supabase_migrations.schema_migrations`).toEqual([{ name: "theirs" }]);
    await installer("uninstall");
    await apply();
    expect(await schema()).toBeNull();
  });
});

describe("0.1.0, which was copied by hand", () => {
  it("is refused without --replace, since no migration leads from there, and is replaced with it", async () => {
    copyEarlierByHand(
      project,
      BY_HAND.sections.filter((section) => section.startsWith("#")),
    );
    project.write("functions/hello/index.ts", "Deno.serve(() => new Response());\n");
    await apply();
    await leaveLead("ada@example.com");
    const before = project.hashes();
    const refused = await project.run("update", "--yes");
    expect(refused).toMatchObject({ status: 1, output: expect.stringContaining("update --replace") });
    expect(project.hashes()).toEqual(before);

    await installer("update", "--replace");
    expect(project.has("functions/_shared/drain")).toBe(false);
    expect(project.read("config.toml")).not.toContain('"./functions/deno.json"');
    // The host's function may use it.
    expect(project.has("functions/deno.json")).toBe(true);
    await apply();
    await leaveLead("bob@example.com");
    expect(await leads()).toEqual(["ada@example.com", "bob@example.com"]);
    expect(await pending()).toBe(1);
    expect((await project.run("update", "--yes")).output).not.toContain("migrations/");
  });
});

describe("functions deploy and doctor", () => {
  let api: FakeManagementApi;
  beforeEach(async () => {
    api = await startFakeManagementApi(project.folder, (text, isReadOnly) =>
      sql.begin(isReadOnly ? "read only" : "read write", (transaction) => transaction.unsafe(text)),
    );
  });
  afterEach(() => api.close());

  it("sends ours from our own folder and the host's as they are, and doctor finds each step missing", async () => {
    fillHostProject(project);
    await installer("init");
    const doctor = () =>
      project.runWith(
        {
          ...CLI_ENVIRONMENT,
          SUPABASE_CLI: supabaseCli(),
          SUPABASE_ACCESS_TOKEN: FAKE_ACCESS_TOKEN,
          SUPABASE_PROFILE: api.profilePath,
        },
        "supabase-amocrm",
        "doctor",
        `--remote=${FAKE_PROJECT_REF}`,
      );
    const first = await doctor();
    expect(first.output).toContain("✗ Applied: ");
    expect(first.output).toContain(`✗ Deployed: not ${functionSlugs()[0]}`);
    expect(first.status).toBe(1);

    await apply();
    await requireSupabaseCli(
      [
        "functions",
        "deploy",
        "--use-api",
        `--remote=${FAKE_PROJECT_REF}`,
        "--yes",
        "--profile",
        api.profilePath,
      ],
      { projectDir: project.folder, env: { SUPABASE_ACCESS_TOKEN: FAKE_ACCESS_TOKEN } },
    );
    expect([...api.functions.keys()].sort()).toEqual([...functionSlugs(), "hello"].sort());
    expect(api.unknownRequests).toEqual([]);
    for (const slug of functionSlugs()) {
      const { files, importMapPath, verifyJwt } = api.functions.get(slug) ?? {};
      expect(importMapPath).toBe("supabase/functions/_shared/supabase-amocrm/deno.json");
      expect(verifyJwt).toBe(false);
      const needed = [...(files?.keys() ?? [])].filter((file) => file.includes("/_shared/"));
      expect(needed.every((file) => file.startsWith("supabase/functions/_shared/supabase-amocrm/"))).toBe(
        true,
      );
      for (const [file, text] of files ?? [])
        expect(text, file).toBe(project.read(file.replace("supabase/", "")));
    }
    expect(api.functions.get("hello")?.verifyJwt).toBe(true);
    const last = await doctor();
    expect(last.output).toMatch(
      /✓ Files[\s\S]*✓ Applied: all \d+ migrations, the database says[\s\S]*✓ Deployed/,
    );
    expect(last.status).toBe(0);
  });
});
