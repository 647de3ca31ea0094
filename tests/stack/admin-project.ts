import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { type SimulatorServer, startServer } from "../../dev/amocrm-simulator/server.ts";
import { writeStackFile } from "../../dev/stack/command/stack-file.ts";
import { type Stack, startStack } from "../../dev/stack/stack.ts";

const ROOT = path.join(import.meta.dirname, "../..");

/** What one run of the operator's command came to. */
export interface CommandResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** The real project on the local stack, with a simulated amoCRM, and a folder from which the command is run. */
export interface AdminProject {
  stack: Stack;
  crm: SimulatorServer;
  sql: postgres.Sql;
  folder: string;
  /** The access token of a new user. */
  signIn(metadata: { app_metadata?: object; user_metadata?: object }): Promise<string>;
  /** `npm run amocrm -- …` as a process of its own, which knows no project but by `environment` and `folder`. */
  command(args: readonly string[], environment?: Record<string, string>): Promise<CommandResult>;
  stop(): Promise<void>;
}

export async function startAdminProject(): Promise<AdminProject> {
  const crm = await startServer();
  const stack = await startStack({
    root: ROOT,
    cron: false,
    functionEnv: { AMOCRM_ENABLED: "true", AMOCRM_BASE_URL: crm.url, AMOCRM_ACCESS_TOKEN: crm.accessToken },
  });
  const sql = postgres(stack.dbUrl(), { max: 1, onnotice: () => {} });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "amocrm-command-"));
  writeStackFile(path.join(folder, ".dev/stack.json"), {
    url: stack.url,
    publishableKey: stack.publishableKey,
    secretKey: stack.secretKey,
    dbUrl: stack.dbUrl(),
    functionsUrl: stack.functionsUrl,
    amocrmUrl: crm.url,
    pids: { dev: process.pid },
  });
  return {
    stack,
    crm,
    sql,
    folder,
    signIn: (metadata) => signIn(stack, metadata),
    command: (args, environment = {}) => runCommand(folder, args, environment),
    async stop() {
      await sql.end();
      await stack.stop();
      await crm.close();
      fs.rmSync(folder, { recursive: true });
    },
  };
}

async function signIn(stack: Stack, metadata: object): Promise<string> {
  const options = { auth: { persistSession: false, autoRefreshToken: false } };
  const credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };
  const made = await createClient(stack.url, stack.secretKey, options).auth.admin.createUser({
    ...credentials,
    email_confirm: true,
    ...metadata,
  });
  if (made.error !== null) throw made.error;
  const signedIn = await createClient(stack.url, stack.publishableKey, options).auth.signInWithPassword(
    credentials,
  );
  if (signedIn.error !== null) throw signedIn.error;
  return signedIn.data.session.access_token;
}

function runCommand(
  folder: string,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<CommandResult> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
  const child = spawn(process.execPath, [path.join(ROOT, "cli/main.ts"), ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const result: CommandResult = { exitCode: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    result.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    result.stderr += text;
  });
  child.once("error", reject);
  child.once("close", (exitCode) => resolve({ ...result, exitCode }));
  return promise;
}
