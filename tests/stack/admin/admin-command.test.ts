import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { SetupAnswer, StatusAnswer } from "#shared/admin/answer.ts";
import { type AdminProject, startAdminProject } from "./admin-project.ts";

const { sales, tripwire } = SEED_IDS;
let project: AdminProject;

beforeAll(async () => {
  project = await startAdminProject();
});
afterAll(() => project?.stop());
beforeEach(() => project.reset());

describe("npm run amocrm as a process of its own", () => {
  it("prints one JSON document and ends with 0 when all is well", async () => {
    const { exitCode, stdout, stderr } = await project.commandProcess(["status", "--json"]);
    expect(StatusAnswer.parse(JSON.parse(stdout))).toMatchObject({ verdict: "ok", problem: null });
    expect(exitCode).toBe(0);
    expect(stderr).toBe(
      `Project: ${project.stack.url} (local, by ${fs.realpathSync(project.folder)}/.dev/stack.json)\n`,
    );
  });

  const hosted = (url: string, key: string) => ({ SUPABASE_URL: url, SUPABASE_SECRET_KEY: key });
  it.each<[number, string[], Record<string, string>?]>([
    [0, ["requeue", "--help"]],
    [0, ["pause", "переезд"], { LANG: "ru_RU.UTF-8" }],
    [1, ["setup", "--pipeline", "77", "--json"]],
    [2, ["status", "--jsn"]],
    [2, []],
    [3, ["status", "--json"], hosted("http://127.0.0.1:1", "sb_secret_x")],
  ])(
    "ends with %i for %j, as in the process that the other tests share",
    async (exitCode, args, environment = {}) => {
      const alone = await project.commandProcess(args, { environment });
      expect(alone.exitCode).toBe(exitCode);
      expect(await project.command(args, environment)).toEqual(alone);
    },
  );

  it("ends without a word when nobody reads on", async () => {
    expect(await project.commandProcess(["status", "--help"], { isUnread: true })).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
  });
});

describe("npm run amocrm", () => {
  it("prints verdict, problem, remedy and table for people, and ends with 1 when something is wrong", async () => {
    await project.sql`select amocrm_pause('moving')`;
    await project.sql`insert into public.unified_lead_tracking (email) values ('ada@example.com')`;
    const { exitCode, stdout } = await project.command(["status"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /^✗ paused\n {2}Problem {2}Sending is paused .*moving\n {2}Remedy {3}select amocrm_resume\(\)/,
    );
    expect(stdout).toMatch(
      /kind +lane +state +reason +count +oldest\nlead\.created +live +pending +new +1 +/,
    );
  });

  it("tells beside the verdict what is open, in quarantine and wrong with mails, in words and in the document", async () => {
    const { sql } = project;
    await sql`insert into public.unified_lead_tracking (email) values ('held@example.com')`;
    await sql`insert into amocrm.quarantined_leads (lead_id, reason)
      select id, 'flood' from public.unified_lead_tracking where email = 'held@example.com'`;
    await sql`delete from public.amocrm_outbox`;
    await sql`insert into public.amocrm_alerts (code, severity, detail, resolved_at) values
      ('pull_failing', 'warning', 'The last 3 pulls of deals failed', null), ('paused', 'warning', 'over', now() + interval '1 minute')`;
    await sql`select message_pause('a mistake in the text')`;
    const { exitCode, stdout } = await project.command(["status"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^✗ attention\n {2}Problem {2}1 lead of a flood waits in quarantine/);
    expect(stdout).toContain("! Quarantine: 1 lead without a message, the oldest for ");
    expect(stdout).toMatch(/! Alert pull_failing, warning, for \d+ s: The last 3 pulls of deals failed\n/);
    expect(stdout).toMatch(
      /✗ Mail paused: Mail is paused since .*: a mistake in the text; waiting 0, dead 0\n/,
    );
    expect(stdout).not.toContain("over");
    const { stdout: json } = await project.command(["status", "--json"]);
    expect(StatusAnswer.parse(JSON.parse(json))).toMatchObject({
      open_alerts: [{ code: "pull_failing" }],
      quarantine: { lead_count: 1 },
      mail: { verdict: "paused" },
    });
    await sql`select message_resume()`;
    await sql`delete from public.amocrm_alerts`;
    await sql`delete from public.unified_lead_tracking where email = 'held@example.com'`;
  });

  it("sets up from flags and older variables of an .env file", async () => {
    fs.writeFileSync(
      path.join(project.folder, ".env"),
      `AMOCRM_PIPELINE_ID=${sales.pipeline}\nAMOCRM_TRIPWIRE_PIPELINE_ID=${tripwire.pipeline}\nAMOCRM_STAGE_LESSON_1=${tripwire.lesson67}\n`,
    );
    const { exitCode, stdout } = await project.command([
      "setup",
      "--json",
      "--source",
      "webinar",
      "--tag",
      "a",
      "--tag",
      "b",
    ]);
    fs.rmSync(path.join(project.folder, ".env"));
    expect(exitCode).toBe(0);
    expect(SetupAnswer.parse(JSON.parse(stdout)).steps.map(({ step }) => step)).toEqual([
      "pipelines",
      "route *",
      "route webinar",
      "stage lesson.67",
    ]);
    expect(
      await project.sql`select source, pipeline_id::int, tags from public.amocrm_routes order by source`,
    ).toEqual([
      { source: "*", pipeline_id: sales.pipeline, tags: [] },
      { source: "webinar", pipeline_id: null, tags: ["a", "b"] },
    ]);
  });

  it("makes a whole first setup without a flag, and keeps it the second time", async () => {
    expect((await project.command(["setup"])).exitCode).toBe(0);
    await project.sql`update public.amocrm_routes set tags = '{mine}'`;
    const { exitCode, stdout } = await project.command(["setup"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/= unchanged +route \* +Kept as it is: main pipeline 4400/);
    expect(stdout).toMatch(/= unchanged +marker/);
    expect(await project.sql`select source, tags from public.amocrm_routes`).toEqual([
      { source: "*", tags: ["mine"] },
    ]);
  });

  it("gives a hosted project's Vault its address and a token of its own, and no secret key", async () => {
    const environment = { SUPABASE_URL: project.stack.url, SUPABASE_SECRET_KEY: project.stack.secretKey };
    const { exitCode, stdout, stderr } = await project.command(
      ["setup", "--min-interval-ms", "200", "--json"],
      environment,
    );
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/\(hosted, by SUPABASE_URL\)/);
    expect(JSON.parse(stdout).steps).toContainEqual({
      step: "vault",
      outcome: expect.stringMatching(/^(done|unchanged)$/),
      detail: `amocrm_functions_url = ${project.stack.functionsUrl}; the database calls with a token of its own, amocrm_call_token`,
    });
    const vault = await project.sql`select name, decrypted_secret from vault.decrypted_secrets`;
    expect(vault.map(({ name }) => name)).toContain("amocrm_call_token");
    expect(vault.map(({ name }) => name)).not.toContain("amocrm_cron_key");
    expect(vault.every(({ decrypted_secret: secret }) => secret !== project.stack.secretKey)).toBe(true);
  });

  it("ends with 1 when a step was refused, and says what there is", async () => {
    const { exitCode, stdout } = await project.command(["setup", "--pipeline", "77"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✗ refused +route \* +No pipeline 77; there are: 4400 «Продажи», 4500 «Tripwire»/);
  });

  it.each<[string, string[], RegExp]>([
    ["an unknown flag", ["status", "--jsn"], /unknown option '--jsn'/],
    ["an unknown command", ["stats"], /unknown command 'stats'/],
    ["no command", [], /A command is missing/],
    ["a surplus argument", ["status", "now"], /too many arguments/],
    ["a bad id", ["setup", "--pipeline", "x"], /--pipeline must be a positive whole number/],
    ["a pace that the functions refuse", ["setup", "--min-interval-ms", "100"], /settings\.min_interval_ms/],
    ["a missing file of variables", ["status", "--dotenv", "none.env"], /none\.env cannot be read/],
    ["a missing stack", ["status", "--local", "none.json"], /There is no local stack at .*none\.json/],
  ])("ends with 2 for %s and names it, also in JSON", async (_, args, words) => {
    const plain = await project.command(args);
    expect([plain.exitCode, plain.stdout]).toEqual([2, ""]);
    expect(plain.stderr).toMatch(words);
    const json = await project.command([...args, "--json"]);
    expect(json.exitCode).toBe(2);
    expect(JSON.parse(json.stdout).error.message).toMatch(words);
  });

  it("ends with 3 and the remedy for a wrong key and for a wrong address", async () => {
    const url = project.stack.url;
    const wrongKey = await project.command(["status"], {
      SUPABASE_URL: url,
      SUPABASE_SECRET_KEY: "sb_secret_wrong",
    });
    expect([wrongKey.exitCode, wrongKey.stderr]).toEqual([
      3,
      expect.stringContaining("refuses the secret key"),
    ]);
    const gone = await project.command(["status"], {
      SUPABASE_URL: "http://127.0.0.1:1",
      SUPABASE_SECRET_KEY: "sb_secret_x",
    });
    expect([gone.exitCode, gone.stderr]).toEqual([
      3,
      expect.stringContaining("No connection to http://127.0.0.1:1"),
    ]);
  });

  it.each([
    "status",
    "dead",
    "requeue",
    "cancel",
    "pause",
    "resume",
    "setup",
    "backfill",
    "pull",
    "pipelines",
    "find",
    "doctor",
  ])("explains %s with examples and exit codes", async (name) => {
    const { exitCode, stdout } = await project.command([name, "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Exit code:[\s\S]*Examples:\n {2}npm run amocrm -- /);
  });

  it("leaves no secret in any output", () => {
    expect(project.seen.length).toBeGreaterThan(40);
    expect(project.leakedSecrets()).toEqual([]);
  });
});
