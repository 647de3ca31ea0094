import fs from "node:fs";
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SEED_IDS } from "../../dev/amocrm-simulator/account/account-seed.ts";
import { waitFor } from "../../dev/stack/wait.ts";
import { SetupAnswer, StatusAnswer } from "../../supabase/functions/_shared/admin/answer.ts";
import { type AdminProject, startAdminProject } from "./admin-project.ts";

const { sales, tripwire } = SEED_IDS;
let project: AdminProject;
/** Everything that came back over HTTP or from the command, searched for secrets at the end. */
const seen: string[] = [];

beforeAll(async () => {
  project = await startAdminProject();
});
afterAll(() => project?.stop());
beforeEach(async () => {
  const { sql, crm } = project;
  await sql`truncate public.amocrm_routes, public.amocrm_stages, public.amocrm_fields`;
  await sql`update public.amocrm_settings set min_interval_ms = 150`;
  crm.simulator.control.reset();
});
afterEach(async () => {
  await project.sql`select amocrm_resume()`;
});

interface Call {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

async function call({ method = "POST", headers = {}, body = '{"action":"status"}' }: Call) {
  const response = await fetch(`${project.stack.functionsUrl}/amocrm-admin`, {
    method,
    headers,
    ...(method === "GET" || method === "HEAD" ? {} : { body }),
  });
  const text = await response.text();
  seen.push(text);
  return { status: response.status, answer: text.startsWith("{") ? JSON.parse(text) : text };
}

async function setUp(order: object) {
  const { status, answer } = await call({
    headers: { apikey: project.stack.secretKey },
    body: JSON.stringify({ action: "setup", ...order }),
  });
  expect(status).toBe(200);
  const { ok, steps } = SetupAnswer.parse(answer);
  return { ok, steps: Object.fromEntries(steps.map(({ step, ...rest }) => [step, rest])) };
}

async function command(args: string[], environment?: Record<string, string>) {
  const result = await project.command(args, environment);
  seen.push(result.stdout, result.stderr);
  return result;
}

const forgedToken = (claims: object): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none", typ: "JWT" })}.${part({ sub: "a", role: "authenticated", ...claims })}.`;
};
const admin = { app_metadata: { role: "admin" } };

describe("amocrm-admin, whom it lets in", () => {
  it.each<[string, () => Record<string, string>, number, string]>([
    ["no key", () => ({}), 401, "MISSING_CREDENTIALS"],
    ["the publishable key", () => ({ apikey: project.stack.publishableKey }), 401, "INVALID_JWT"],
    ["the old anon key", () => ({ apikey: project.stack.anonKey }), 401, "INVALID_JWT"],
    ["the old service_role key", () => ({ apikey: project.stack.serviceRoleKey }), 401, "INVALID_JWT"],
    ["a key of nobody", () => ({ apikey: "sb_secret_of_nobody" }), 401, "INVALID_API_KEY"],
    ["a forged admin token", () => ({ authorization: `Bearer ${forgedToken(admin)}` }), 401, "INVALID_JWT"],
  ])("refuses %s with 401", async (_, headers, status, code) => {
    expect(await call({ headers: headers() })).toMatchObject({ status, answer: { code } });
  });

  it.each([
    ["a student", {}],
    ["a sales manager", { app_metadata: { role: "sales_manager" } }],
    [
      "a student who named himself admin",
      { user_metadata: { role: "admin", app_metadata: { role: "admin" } } },
    ],
  ])("refuses %s with 403", async (_, metadata) => {
    const token = await project.signIn(metadata);
    for (const key of [{}, { apikey: project.stack.publishableKey }]) {
      const headers = { authorization: `Bearer ${token}`, ...key };
      expect(await call({ headers })).toMatchObject({ status: 403, answer: { code: "not_admin" } });
    }
  });

  it("lets a signed-in admin and any secret key in", async () => {
    const token = await project.signIn(admin);
    const apikey = project.stack.publishableKey;
    expect((await call({ headers: { authorization: `Bearer ${token}`, apikey } })).status).toBe(200);
    expect((await call({ headers: { apikey: project.stack.secretKey } })).status).toBe(200);
    expect((await call({ headers: { apikey: project.stack.cronKey } })).status).toBe(200);
  });

  it.each<[string, Call, number, string]>([
    ["GET", { method: "GET" }, 405, "method_not_allowed"],
    ["DELETE", { method: "DELETE" }, 405, "method_not_allowed"],
    ["a body that is no JSON", { body: "{" }, 400, "invalid_json"],
    ["no body", { body: "" }, 400, "invalid_json"],
    ["an unknown action", { body: '{"action":"drop"}' }, 400, "invalid_request"],
    [
      "a body that is too large",
      { body: `{"action":"status","x":"${"x".repeat(65_536)}"}` },
      413,
      "body_too_large",
    ],
  ])("refuses %s with a named error", async (_, request, status, code) => {
    const headers = { apikey: project.stack.secretKey };
    expect(await call({ ...request, headers })).toMatchObject({ status, answer: { code } });
  });
});

describe("amocrm-admin setup", () => {
  it("writes a configuration with which a lead arrives as it says", async () => {
    const { ok, steps } = await setUp({
      routes: [{ source: "*", pipeline_id: sales.pipeline, status_id: sales.qualified, tags: ["site"] }],
      stages: [{ event: "student.created", pipeline_id: tripwire.pipeline, status_id: tripwire.bought }],
      marker: true,
      utm: true,
      vault: { functionsUrl: project.stack.functionsUrl, cronKey: project.stack.cronKey },
    });
    expect(ok).toBe(true);
    expect(steps).toMatchObject({
      "route *": { outcome: "done" },
      marker: { outcome: "done" },
      utm: { outcome: "done" },
    });

    const anon = createClient(project.stack.url, project.stack.publishableKey, {
      auth: { persistSession: false },
    });
    const lead = { full_name: "Ada", email: "ada@example.com", source: "site", utm_source: "vk" };
    expect((await anon.from("landing_leads").insert(lead)).error).toBeNull();
    const [row] = await project.sql<{ id: string }[]>`select id from public.unified_lead_tracking`;
    const deal = await waitFor("the lead's deal", () => project.crm.simulator.state.deals()[0]);
    expect(deal).toMatchObject({ pipeline_id: sales.pipeline, status_id: sales.qualified });
    expect(JSON.stringify(deal)).toContain(row!.id);
    expect(JSON.stringify(deal)).toContain('"vk"');
  });

  it("uses the same defaults for a route as the table", async () => {
    await setUp({ routes: [{ source: "named" }] });
    await project.sql`insert into public.amocrm_routes (source) values ('bare')`;
    const rows = await project.sql`select * from public.amocrm_routes order by source`;
    const [bare, named] = rows.map(({ source: _source, updated_at: _at, ...columns }) => columns);
    expect(named).toEqual(bare);
  });

  it("does nothing the second time", async () => {
    const order = { routes: [{ source: "*", pipeline_id: sales.pipeline }], marker: true, utm: true };
    await setUp(order);
    const fieldCount = project.crm.simulator.state.part("fields").length;
    const before = await project.sql`select * from public.amocrm_fields order by path`;
    const { ok, steps } = await setUp(order);
    expect(ok).toBe(true);
    expect(steps).toMatchObject({
      "route *": { outcome: "unchanged" },
      marker: { outcome: "unchanged" },
      utm: { outcome: "unchanged" },
    });
    expect(await project.sql`select * from public.amocrm_fields order by path`).toEqual(before);
    expect(project.crm.simulator.state.part("fields")).toHaveLength(fieldCount);
  });

  it("makes one marker field when two setups run at once", async () => {
    await Promise.all([setUp({ marker: true }), setUp({ marker: true })]);
    const fields = project.crm.simulator.state.part("fields") as { code: string | null }[];
    expect(fields.filter(({ code }) => code === "SUPABASE_LEAD_ID")).toHaveLength(1);
    expect((await setUp({ marker: true })).steps["marker"]?.outcome).toBe("unchanged");
  });

  it("keeps to the account's pace", async () => {
    const minIntervalMs = 300;
    const after = project.crm.simulator.log.entries().at(-1)?.id ?? 0;
    await setUp({
      settings: { min_interval_ms: minIntervalMs },
      routes: [{ source: "*" }],
      marker: true,
      utm: true,
    });
    const times = project.crm.simulator.log.entries(after).map(({ received_at_ms }) => received_at_ms);
    expect(times.length).toBeGreaterThanOrEqual(3);
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(Math.min(...gaps)).toBeGreaterThan(minIntervalMs - 15);
  });

  it("says that sending is paused and writes the rows unverified", async () => {
    await project.sql`select amocrm_pause('moving')`;
    const { ok, steps } = await setUp({ routes: [{ source: "*", pipeline_id: 77 }] });
    expect(ok).toBe(true);
    expect(steps["route *"]).toMatchObject({
      outcome: "warning",
      detail: expect.stringContaining("Sending is paused: moving"),
    });
    const rows = await project.sql`select pipeline_id::int from public.amocrm_routes`;
    expect(rows).toEqual([{ pipeline_id: 77 }]);
  });
});

describe("npm run amocrm", () => {
  it("prints one JSON document and ends with 0 when all is well", async () => {
    const { exitCode, stdout, stderr } = await command(["status", "--json"]);
    expect(StatusAnswer.parse(JSON.parse(stdout))).toMatchObject({ verdict: "ok", problem: null });
    expect(exitCode).toBe(0);
    expect(stderr).toBe(
      `Project: ${project.stack.url} (local, by ${fs.realpathSync(project.folder)}/.dev/stack.json)\n`,
    );
  });

  it("prints verdict, problem, remedy and table for people, and ends with 1 when something is wrong", async () => {
    await project.sql`select amocrm_pause('moving')`;
    const { exitCode, stdout } = await command(["status"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /^✗ paused\n {2}Problem {2}Sending is paused .*moving\n {2}Remedy {3}select amocrm_resume\(\)/,
    );
    expect(stdout).toMatch(/kind +lane +state +reason +count +oldest\nlead\.created +live +delivered/);
  });

  it("sets up from flags and older variables of an .env file", async () => {
    fs.writeFileSync(
      path.join(project.folder, ".env"),
      `AMOCRM_PIPELINE_ID=${sales.pipeline}\nAMOCRM_TRIPWIRE_PIPELINE_ID=${tripwire.pipeline}\nAMOCRM_STAGE_LESSON_1=${tripwire.lesson67}\n`,
    );
    const { exitCode, stdout } = await command([
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
    expect((await command(["setup"])).exitCode).toBe(0);
    await project.sql`update public.amocrm_routes set tags = '{mine}'`;
    const { exitCode, stdout } = await command(["setup"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/= unchanged +route \* +Kept as it is: main pipeline 4400/);
    expect(stdout).toMatch(/= unchanged +marker/);
    expect(await project.sql`select source, tags from public.amocrm_routes`).toEqual([
      { source: "*", tags: ["mine"] },
    ]);
  });

  it("gives a hosted project's Vault its address and key, and says whose key it is", async () => {
    const environment = { SUPABASE_URL: project.stack.url, SUPABASE_SECRET_KEY: project.stack.secretKey };
    const { exitCode, stdout, stderr } = await command(
      ["setup", "--min-interval-ms", "200", "--json"],
      environment,
    );
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/\(hosted, by SUPABASE_URL\)\nVault gets the secret key of this command/);
    expect(JSON.parse(stdout).steps).toContainEqual({
      step: "vault",
      outcome: "done",
      detail: `amocrm_functions_url = ${project.stack.functionsUrl}, amocrm_cron_key is set`,
    });
    const vault = project.sql`select decrypted_secret from vault.decrypted_secrets where name = 'amocrm_cron_key'`;
    expect((await vault)[0]?.["decrypted_secret"] === project.stack.secretKey).toBe(true);
  });

  it("ends with 1 when a step was refused, and says what there is", async () => {
    const { exitCode, stdout } = await command(["setup", "--pipeline", "77"]);
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
    ["a missing env file", ["status", "--env-file", "none.env"], /none\.env cannot be read/],
    ["a missing stack", ["status", "--local", "none.json"], /There is no local stack at .*none\.json/],
  ])("ends with 2 for %s and names it, also in JSON", async (_, args, words) => {
    const plain = await command(args);
    expect([plain.exitCode, plain.stdout]).toEqual([2, ""]);
    expect(plain.stderr).toMatch(words);
    const json = await command([...args, "--json"]);
    expect(json.exitCode).toBe(2);
    expect(JSON.parse(json.stdout).error.message).toMatch(words);
  });

  it("ends with 1 and the remedy for a wrong key, a wrong address and a function that is not there", async () => {
    const url = project.stack.url;
    const wrongKey = await command(["status"], { SUPABASE_URL: url, SUPABASE_SECRET_KEY: "sb_secret_wrong" });
    expect([wrongKey.exitCode, wrongKey.stderr]).toEqual([
      1,
      expect.stringContaining("refuses the secret key"),
    ]);
    const gone = await command(["status"], {
      SUPABASE_URL: "http://127.0.0.1:1",
      SUPABASE_SECRET_KEY: "sb_secret_x",
    });
    expect([gone.exitCode, gone.stderr]).toEqual([
      1,
      expect.stringContaining("No connection to http://127.0.0.1:1"),
    ]);
    const elsewhere = { SUPABASE_URL: project.crm.url, SUPABASE_SECRET_KEY: "sb_secret_x" };
    const absent = await command(["status", "--json"], elsewhere);
    expect(absent.exitCode).toBe(1);
    expect(JSON.parse(absent.stdout).error.message).toContain("There is no amocrm-admin");
  });

  it.each(["status", "setup"])("explains %s with examples and exit codes", async (name) => {
    const { exitCode, stdout } = await command([name, "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Exit code:[\s\S]*Examples:\n {2}npm run amocrm -- /);
  });
});

describe("secrets", () => {
  it("stand in no answer, no output and no log of the whole file", () => {
    const { stack, crm } = project;
    const text = [...seen, stack.functionLog()].join("\n");
    expect(seen.length).toBeGreaterThan(50);
    const secrets = [stack.secretKey, stack.cronKey, stack.serviceRoleKey, crm.accessToken];
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });

  it("cost amocrm-admin less than a second of CPU in its largest call", () => {
    const calls = project.stack.calls().filter(({ name, alone }) => name === "amocrm-admin" && alone);
    expect(Math.max(...calls.map(({ cpuMs }) => cpuMs))).toBeLessThan(1000);
  });
});
