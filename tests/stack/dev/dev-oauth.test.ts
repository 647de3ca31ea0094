import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readStackFile, type StackFile } from "#dev/stack/command/stack-file.ts";
import { waitFor } from "#dev/stack/wait.ts";

const ROOT = path.join(import.meta.dirname, "../../..");

/** `npm run dev -- --oauth`: docs/operate/rehearsal.md breaks the token by it. */
let directory: string;
let stackFile: string;
let child: ChildProcess;
let stack: StackFile;
let sql: postgres.Sql;

beforeAll(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "dev-oauth-"));
  stackFile = path.join(directory, "stack.json");
  const args = ["run", "--silent", "dev", "--", "--oauth", "--stack-file", stackFile];
  child = spawn("npm", args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  await waitFor("the stack file", () => fs.existsSync(stackFile), { timeoutMs: 180_000 });
  stack = readStackFile(stackFile) as StackFile;
  sql = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
  await sql`insert into amocrm_routes (source) values ('*')`;
  await sql`update amocrm_settings set min_interval_ms = 150`;
});
afterAll(async () => {
  await sql?.end();
  child.kill("SIGTERM");
  await waitFor("the command to end", () => child.exitCode !== null || child.signalCode !== null);
  fs.rmSync(directory, { recursive: true, force: true });
});

/** From the link to consent and back, as somebody does who presses "allow". */
async function connect(): Promise<string> {
  const answer = await fetch(`${stack.functionsUrl}/amocrm-admin`, {
    method: "POST",
    headers: { apikey: stack.secretKey },
    body: JSON.stringify({ action: "connect" }),
  });
  const { url } = (await answer.json()) as { url: string };
  const page = await (await fetch(url)).text();
  const allow = /id="allow" href="([^"]+)"/.exec(page)?.[1]?.replaceAll("&amp;", "&");
  if (allow === undefined) throw new Error(`no page of consent: ${page}`);
  return (await fetch(new URL(allow, stack.amocrmUrl))).text();
}

const leave = (email: string) =>
  fetch(`${stack.url}/rest/v1/landing_leads`, {
    method: "POST",
    headers: { apikey: stack.publishableKey, "content-type": "application/json" },
    body: JSON.stringify({ email }),
  });
const health = async () => (await sql`select verdict, problem, remedy from amocrm_health`)[0];
const deliveredCount = async () => (await sql`select from amocrm_outbox where state = 'delivered'`).length;

test("an account that is connected, loses its tokens and is connected again gets every lead", async () => {
  await leave("before@example.com");
  await waitFor("health to ask for a connection", async () => (await health())?.["verdict"] === "blocked");
  expect(await health()).toMatchObject({ remedy: "npm run amocrm -- connect" });

  expect(await connect()).toContain("amoCRM is connected");
  await waitFor("the lead that waited", async () => (await deliveredCount()) === 1);

  await fetch(`${stack.amocrmUrl}/__control/tokens`, { method: "POST", body: '{"action":"revoke"}' });
  await leave("after@example.com");
  await waitFor("health to ask again", async () => (await health())?.["verdict"] === "blocked");
  expect(await health()).toEqual({
    verdict: "blocked",
    problem: "amoCRM has ended the connection: token_revoked",
    remedy: "npm run amocrm -- connect",
  });
  expect(await sql`select code, remedy, resolved_at from amocrm_alerts`).toEqual([
    { code: "reauth_required", remedy: "npm run amocrm -- connect", resolved_at: null },
  ]);

  await connect();
  await waitFor("the lead that waited", async () => (await deliveredCount()) === 2);
  expect(await health()).toMatchObject({ verdict: "ok" });
});
