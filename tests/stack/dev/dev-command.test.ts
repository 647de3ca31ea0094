import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type SimulatorServer, startServer } from "#dev/amocrm-simulator/server.ts";
import { readStackFile } from "#dev/stack/command/stack-file.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { crmOf } from "../support/crm.ts";
import { ACCOUNT } from "../support/system.ts";

const ROOT = path.join(import.meta.dirname, "../../..");

/** `npm run dev` against an account that is not ours: as an outside test or a developer with a test account runs it. */
let foreign: SimulatorServer;
let directory: string;
let stackFile: string;
let child: ChildProcess;
let output = "";

beforeAll(async () => {
  foreign = await startServer({ settings: { duration: { base_ms: 30 } } });
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "dev-command-"));
  stackFile = path.join(directory, "stack.json");
  child = spawn("npm", ["run", "--silent", "dev", "--", "--stack-file", stackFile], {
    cwd: ROOT,
    env: { ...process.env, AMOCRM_BASE_URL: foreign.url, AMOCRM_ACCESS_TOKEN: foreign.accessToken },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const collect = (data: Buffer) => {
    output += data.toString();
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  await waitFor("the stack file", () => fs.existsSync(stackFile), { timeoutMs: 180_000 });
});
afterAll(async () => {
  if (child.exitCode === null) child.kill("SIGKILL");
  await foreign.close();
  fs.rmSync(directory, { recursive: true, force: true });
});

function stack() {
  const content = readStackFile(stackFile);
  if (content === undefined) throw new Error(`${stackFile} is not there`);
  return content;
}
const postLeads = (rows: readonly Record<string, unknown>[]) =>
  fetch(`${stack().url}/rest/v1/landing_leads`, {
    method: "POST",
    headers: { apikey: stack().publishableKey, "content-type": "application/json", prefer: "return=minimal" },
    body: JSON.stringify(rows),
  });

test("the stack file says where everything is, and the banner which account is written to", async () => {
  expect(stack()).toMatchObject({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    functionsUrl: `${stack().url}/functions/v1`,
    amocrmUrl: foreign.url,
    resendUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    mobizonUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    unisenderUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    managersUrl: expect.stringMatching(/\/managers\.html$/),
    dashboardUrl: expect.stringMatching(/\/dashboard\.html$/),
    cardUrl: expect.stringMatching(/\/card\.html$/),
    pids: { functions: expect.any(Number), postgres: expect.any(Number) },
  });
  // The file is there a moment before the banner has come through the pipe.
  await waitFor("the banner", () => output.includes(foreign.url));
  expect(output).not.toContain(foreign.accessToken);
});

test("one account for each role can sign in with the password of the file, which the banner shows as well", async () => {
  const accounts = stack().accounts ?? [];
  expect(accounts.map(({ role, email }) => [role, email])).toEqual([
    ["admin", "admin@example.com"],
    ["viewer", "viewer@example.com"],
    ["sales_manager", "manager@example.com"],
  ]);
  for (const { email, password, role } of accounts) {
    const answer = await fetch(`${stack().url}/auth/v1/token?grant_type=password`, {
      method: "POST",
      headers: { apikey: stack().publishableKey, "content-type": "application/json" },
      body: JSON.stringify({ email, password }),
    });
    expect(await answer.json()).toMatchObject({ user: { email, app_metadata: { role } } });
    await waitFor(`the banner to name ${email}`, () => output.includes(password));
  }
});

test("leads posted by a visitor reach that account, also when the functions process is killed in between", async () => {
  const sql = postgres(stack().dbUrl, { max: 1, onnotice: () => {} });
  await sql`update amocrm_settings set min_interval_ms = 150`;
  await sql`insert into amocrm_routes (source, pipeline_id, status_id, on_repeat)
    values ('*', ${ACCOUNT.salesPipelineId}, ${ACCOUNT.newStageId}, 'note')`;
  const rows = Array.from({ length: 12 }, (_, index) => ({
    full_name: `F${index}`,
    email: `f${index}@foreign.example`,
    source: "f",
  }));
  expect((await postLeads(rows)).status).toBe(201);
  const before = stack().pids.functions ?? 0;
  process.kill(before, "SIGKILL");
  await waitFor("another functions process in the stack file", () => stack().pids.functions !== before);
  await waitFor(
    "twelve leads to be delivered",
    async () => (await sql`select 1 from amocrm_outbox where state = 'delivered'`).length === 12,
    { timeoutMs: 180_000 },
  );
  await sql.end();
  expect(crmOf(foreign).contacts()).toHaveLength(12);
  expect(crmOf(foreign).deals()).toHaveLength(12);
});

test("a refused lead is a 400 that names the reason", async () => {
  const answer = await postLeads([{ full_name: "x", email: "не почта", source: "f" }]);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    code: "23514",
    message: "email is not an e-mail address",
    details: "email_is_an_address",
  });
});

test("a thousand leads in one POST are accepted within the visitor's three seconds", async () => {
  const startedAtMs = performance.now();
  const rows = Array.from({ length: 1000 }, (_, index) => ({
    full_name: `M${index}`,
    phone: `+7901${String(1_000_000 + index)}`,
    source: "m",
  }));
  expect((await postLeads(rows)).status).toBe(201);
  console.log(`1,000 leads in one POST: ${Math.round(performance.now() - startedAtMs)} ms`);
});

test("variables of the file beside it reach the functions, which start again with them", async () => {
  const findings = async (): Promise<string[]> => {
    const answer = await fetch(`${stack().functionsUrl}/amocrm-admin`, {
      method: "POST",
      headers: { apikey: stack().secretKey },
      body: JSON.stringify({ action: "doctor" }),
    });
    if (!answer.ok) return [];
    return ((await answer.json()) as { findings: { code: string }[] }).findings.map(({ code }) => code);
  };
  const doctorSays = (code: string) =>
    waitFor(`doctor to say ${code}`, async () => (await findings()).includes(code), { intervalMs: 300 });
  const variables = (text: string) => fs.writeFileSync(`${stackFile}.env`, text);

  variables("AMOCRM_ENABLED=false\nAMOCRM_BASE_URL=http://127.0.0.1:9");
  await doctorSays("variables_off");
  expect(output).toContain("Variables: AMOCRM_ENABLED set, nothing taken away. The functions start again.");
  expect(output).toContain("AMOCRM_BASE_URL: only in the environment of npm run dev");
  variables("AMOCRM_ACCESS_TOKEN=");
  await doctorSays("variable_missing");
  fs.rmSync(`${stackFile}.env`);
  await doctorSays("variables_ok");
});

test("SIGTERM ends everything and takes the stack file away", async () => {
  const { pids } = stack();
  child.kill("SIGTERM");
  await waitFor("the command to end", () => child.exitCode !== null || child.signalCode !== null, {
    timeoutMs: 180_000,
  });
  await waitFor("the stack file to be gone", () => !fs.existsSync(stackFile));
  for (const pid of [pids.functions, pids.postgres]) {
    await waitFor(`process ${pid} to be gone`, () => {
      try {
        process.kill(pid ?? 0, 0);
        return false;
      } catch {
        return true;
      }
    });
  }
});
