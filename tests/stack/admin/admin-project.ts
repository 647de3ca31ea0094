import { randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { inject } from "vitest";
import { type SimulatorServer, startServer } from "#dev/amocrm-simulator/server.ts";
import { writeStackFile } from "#dev/stack/command/stack-file.ts";
import { type Stack, startStack } from "#dev/stack/stack.ts";
import { type CommandResult, createOperatorCommand, startCommand } from "../support/command/command.ts";
import { ROOT } from "../support/template.ts";

export type { CommandResult };

/** A request to amocrm-admin; a status is asked for unless a body says otherwise. */
export interface AdminCall {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** The real project on the local stack, with a simulated amoCRM, and a folder from which the command is run. */
export interface AdminProject {
  stack: Stack;
  crm: SimulatorServer;
  sql: postgres.Sql;
  folder: string;
  /** Everything that came back over HTTP or from the command, to be searched for secrets. */
  seen: string[];
  /** Calls amocrm-admin; without headers it is nobody. */
  call(call: AdminCall): Promise<{ status: number; answer: unknown }>;
  /** No messages, routes, stages and fields, the quickest pace, an empty account, nothing paused. */
  reset(): Promise<void>;
  /** The secrets that may stand nowhere, as far as they do in `seen` or in the functions' log. */
  leakedSecrets(): string[];
  /** The access token of a new user. */
  signIn(metadata: { app_metadata?: object; user_metadata?: object }): Promise<string>;
  /** `npm run amocrm -- …` in `folder`, as support/command/ runs it. */
  command(args: readonly string[], environment?: Record<string, string>): Promise<CommandResult>;
  /** The same as a process of its own; with `isUnread`, nobody reads what it prints. */
  commandProcess(
    args: readonly string[],
    options?: { environment?: Record<string, string>; isUnread?: boolean },
  ): Promise<CommandResult>;
  stop(): Promise<void>;
}

/** `functionEnv` are the functions' variables; default: all that they need. */
export async function startAdminProject(
  functionEnv?: (crm: SimulatorServer) => Record<string, string>,
): Promise<AdminProject> {
  const crm = await startServer();
  const stack = await startStack({
    root: ROOT,
    dataTemplate: inject("dataTemplate"),
    cron: false,
    functionEnv: functionEnv?.(crm) ?? {
      AMOCRM_ENABLED: "true",
      AMOCRM_BASE_URL: crm.url,
      AMOCRM_ACCESS_TOKEN: crm.accessToken,
    },
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
  const operator = createOperatorCommand(folder);
  const seen: string[] = [];
  return {
    stack,
    crm,
    sql,
    folder,
    seen,
    async call(request) {
      const { status, text } = await callAdmin(stack, request);
      seen.push(text);
      return { status, answer: text.startsWith("{") ? JSON.parse(text) : text };
    },
    async reset() {
      // Rows, not `truncate`: its table locks would deadlock with a drain that is at work.
      for (const table of ["amocrm_routes", "amocrm_stages", "amocrm_fields", "amocrm_outbox"]) {
        await sql`delete from ${sql(`public.${table}`)}`;
      }
      await sql`update public.amocrm_settings set min_interval_ms = 150`;
      // The account begins anew, so nobody has a contact in it: what is known by its id is looked for twice.
      await sql`update amocrm.people set amocrm_contact_id = null where amocrm_contact_id is not null`;
      await sql`delete from amocrm.links`;
      crm.simulator.control.reset();
      // Only where it is paused, since resuming always calls the drain.
      await sql`select amocrm_resume() from public.amocrm_health where paused_at is not null`;
    },
    leakedSecrets() {
      const text = [...seen, stack.functionLog()].join("\n");
      const secrets = [stack.secretKey, stack.cronKey, stack.serviceRoleKey, crm.accessToken];
      return secrets.filter((secret) => text.includes(secret));
    },
    signIn: (metadata) => signIn(stack, metadata),
    async command(args, environment = {}) {
      const result = await operator.run(args, environment);
      seen.push(result.stdout, result.stderr);
      return result;
    },
    async commandProcess(args, options) {
      const result = await startCommand(folder, args, options);
      seen.push(result.stdout, result.stderr);
      return result;
    },
    async stop() {
      await operator.stop();
      await sql.end();
      await stack.stop();
      await crm.close();
      fs.rmSync(folder, { recursive: true });
    },
  };
}

async function callAdmin(
  stack: Stack,
  { method = "POST", headers = {}, body = '{"action":"status"}' }: AdminCall,
): Promise<{ status: number; text: string }> {
  const hasBody = method !== "GET" && method !== "HEAD";
  const response = await fetch(`${stack.functionsUrl}/amocrm-admin`, {
    method,
    headers,
    ...(hasBody ? { body } : {}),
  });
  return { status: response.status, text: await response.text() };
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
