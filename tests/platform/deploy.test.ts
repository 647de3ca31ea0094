import fs from "node:fs";
import path from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SUPABASE_CLI } from "#cli/uninstall/supabase-cli.ts";
import { functionSources } from "#dev/check/deno.ts";
import {
  FAKE_ACCESS_TOKEN,
  FAKE_PROJECT_REF,
  type FakeManagementApi,
  startFakeManagementApi,
} from "#dev/platform/fake-management-api.ts";
import { copyProject, remoteFlag, requireSupabaseCli } from "#dev/platform/supabase-cli.ts";
import { type Postgres, startPostgres } from "#dev/stack/postgres.ts";
import { reachableFrom, readImports } from "../architecture/support/module-graph.ts";
import { functionSlugs, readJson, readText } from "../architecture/support/repository.ts";

const PAGES = [
  ["docs/start/deploy.md", "## Deploy to a hosted project"],
  ["docs/start/deploy.ru.md", "## Установка в облако"],
] as const;
const READMES = [
  ["README.md", "## Install into your project"],
  ["README.ru.md", "## Установить в свой проект"],
] as const;
/** From an empty project to the first lead, and again after an upgrade. */
const MAX_COMMANDS = 5;
const IMPORT_MAP = "supabase/functions/deno.json";
const slugs = functionSlugs();

/** The commands of the blocks of shell below a heading, one list a block, without remarks and `export`. */
function commandsOf(file: string, heading: string): string[][] {
  const text = readText(file);
  const start = text.indexOf(`${heading}\n`);
  if (start === -1) throw new Error(`${file} has no heading ${heading}`);
  const section = text.slice(start, text.indexOf("\n## ", start + heading.length));
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = ""]) =>
    block
      .split("\n")
      .map((line) => line.replace(/ {2,}#.*$/, "").trim())
      .filter((line) => line !== "" && !/^(#|export )/.test(line)),
  );
}

const [first = [], upgrade = []] = commandsOf(...PAGES[0]);

describe("the documents' way to a hosted project", () => {
  it.each([
    ["the first time", first],
    ["after an upgrade", upgrade],
  ])("takes at most five commands %s", (_, commands) => {
    expect(commands.length).toBeGreaterThan(2);
    expect(commands.length).toBeLessThanOrEqual(MAX_COMMANDS);
  });

  it("is the same in both languages, and in the READMEs", () => {
    expect(commandsOf(...PAGES[1]).slice(0, 2)).toEqual([first, upgrade]);
    for (const [readme, heading] of READMES) expect(commandsOf(readme, heading)).toEqual([first]);
  });

  it("names the version of the CLI with which it is tried", () => {
    const { optionalDependencies: packages } = readJson<{ optionalDependencies: Record<string, string> }>(
      "package.json",
    );
    expect(SUPABASE_CLI).toBe(`supabase@${packages["@supabase/cli-linux-x64"]}`);
    const named = [...first, ...upgrade].filter((command) => command.startsWith("npx supabase"));
    expect(named.filter((command) => !command.startsWith(`npx ${SUPABASE_CLI} `))).toEqual([]);
  });
});

describe("the README's commands of the Supabase CLI", () => {
  let server: Postgres;
  let sql: postgres.Sql;
  let projectDir: string;
  let api: FakeManagementApi;
  const imports = readImports(functionSources());

  beforeAll(async () => {
    server = await startPostgres({ major: 17 });
    sql = postgres(server.url(), { max: 1, onnotice: () => {} });
    projectDir = copyProject();
    api = await startFakeManagementApi(projectDir);
    const filled = readText(".env.example")
      .replace(/^SUPABASE_URL=$/m, "SUPABASE_URL=https://abc.supabase.co")
      .replace(/^AMOCRM_SUBDOMAIN=$/m, "AMOCRM_SUBDOMAIN=company")
      .replace(/^AMOCRM_ACCESS_TOKEN=$/m, "AMOCRM_ACCESS_TOKEN=token");
    fs.writeFileSync(path.join(projectDir, ".env"), filled);
  });
  afterAll(async () => {
    await sql.end();
    await api.close();
    await server.stop();
    fs.rmSync(projectDir, { recursive: true, force: true });
  });

  /** As written, but for where the project is; `db push` goes to Postgres itself, so it gets a URL. */
  async function run(command: string): Promise<void> {
    const args = command
      .replace(`npx ${SUPABASE_CLI} `, "")
      .replace("--env-file .env", `--env-file ${path.join(projectDir, ".env")}`)
      .replace("--remote=$REF", command.includes("db push") ? remoteFlag(server.url()) : "--remote=$REF")
      .replace("$REF", FAKE_PROJECT_REF)
      .split(" ");
    await requireSupabaseCli([...args, `--profile=${api.profilePath}`], {
      projectDir,
      env: {
        SUPABASE_ACCESS_TOKEN: FAKE_ACCESS_TOKEN,
        AMOCRM_FUNCTIONS_URL: "https://abc.supabase.co/functions/v1",
        AMOCRM_CRON_KEY: "sb_secret_test",
      },
    });
  }

  const schema = async (): Promise<unknown> => [
    await sql`select oid::regclass::text, relacl::text from pg_class
      where relnamespace in ('public'::regnamespace, 'amocrm'::regnamespace) order by 1`,
    await sql`select jobname, schedule, command from cron.job order by 1`,
    await sql`select version, applied_at, is_current from amocrm_versions`,
    await sql`select name from vault.secrets order by 1`,
  ];

  it("lead from nothing to a project that takes a lead", async () => {
    for (const command of first.filter((line) => line.startsWith("npx supabase"))) await run(command);
    expect(slugs, "no folder under supabase/functions has an index.ts").not.toEqual([]);
    expect([...api.functions.keys()].sort()).toEqual(slugs);
    expect(Object.fromEntries(api.secrets)).toMatchObject({
      AMOCRM_ENABLED: "true",
      AMOCRM_SUBDOMAIN: "company",
      AMOCRM_ACCESS_TOKEN: "token",
    });
    expect([...api.secrets.keys()].filter((name) => /^SUPABASE_|CRON_KEY/.test(name))).toEqual([]);
    expect(api.unknownRequests).toEqual([]);
    await sql.begin(async (visitor) => {
      await visitor`set local role anon`;
      await visitor`insert into public.landing_leads (email) values ('ada@example.com')`;
    });
    expect(await sql`select state from amocrm_outbox`).toEqual([{ state: "pending" }]);
  });

  it("write the secrets of cron into Vault, since their variables are set", async () => {
    const rows = await sql<{ name: string; secret: string }[]>`
      select name, decrypted_secret as secret from vault.decrypted_secrets`;
    expect(Object.fromEntries(rows.map(({ name, secret }) => [name, secret]))).toEqual({
      amocrm_functions_url: "https://abc.supabase.co/functions/v1",
      amocrm_cron_key: "sb_secret_test",
      // What the calls carry, in place of that key.
      amocrm_call_token: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("write no variable that was not filled in: what the project has stays", async () => {
    const written = [...api.secrets.keys()].sort();
    expect(written).toEqual(["AMOCRM_ACCESS_TOKEN", "AMOCRM_ENABLED", "AMOCRM_SUBDOMAIN"]);
  });

  it.each(slugs)("upload each file that Deno needs for it and no other: %s", (slug) => {
    const needed = reachableFrom(`supabase/functions/${slug}/index.ts`, imports);
    const uploaded = [...(api.functions.get(slug)?.files.keys() ?? [])];
    expect(uploaded.sort()).toEqual([...needed, IMPORT_MAP].sort());
  });

  it.each(slugs)("upload them unchanged: %s", (slug) => {
    for (const [file, text] of api.functions.get(slug)?.files ?? []) {
      expect(text, file).toBe(readText(path.normalize(file)));
    }
  });

  it.each(slugs)(
    "name the entry point and the import map, and leave the check of keys to the function: %s",
    (slug) => {
      expect(api.functions.get(slug)).toMatchObject({
        entrypointPath: `supabase/functions/${slug}/index.ts`,
        importMapPath: IMPORT_MAP,
        verifyJwt: false,
      });
    },
  );

  it("change nothing when they are run again, as after an upgrade", async () => {
    const before = await schema();
    for (const command of upgrade.filter((line) => line.startsWith("npx supabase"))) await run(command);
    expect(await schema()).toEqual(before);
    expect([...api.functions.keys()].sort()).toEqual(slugs);
  });
});
