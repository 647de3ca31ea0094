import { randomUUID } from "node:crypto";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { inject } from "vitest";
import { type Stack, type StackOptions, startStack } from "#dev/stack/stack.ts";
import { ROOT } from "../support/template.ts";

const NO_SESSION = { auth: { persistSession: false, autoRefreshToken: false } } as const;

/** Who signs in to a project. */
export interface People {
  /** A new user with this role, signed in, or one without a role. */
  signIn(role?: "admin" | "viewer" | "sales_manager"): Promise<Person>;
  /** Signs a student in that `tripwire-students` has made, as if the link of the welcome mail had been followed. */
  signInAs(student: { user_id: string; email: string }): Promise<SupabaseClient>;
}

/** The school's side of a project: accounts, students and lessons. There is no amoCRM and no mail service to reach. */
export interface SchoolProject extends People {
  stack: Stack;
  sql: postgres.Sql;
  /** What Supabase Auth would have mailed, the latest last. */
  authMails: { to: string; link: string }[];
  stop(): Promise<void>;
}

export interface Person {
  id: string;
  token: string;
  client: SupabaseClient;
  credentials: { email: string; password: string };
}

/** `functions: false` for pages that call none: Deno takes a good part of the start. */
export async function startSchool({
  functions = true,
}: Pick<StackOptions, "functions"> = {}): Promise<SchoolProject> {
  const authMails: SchoolProject["authMails"] = [];
  const stack = await startStack({
    root: ROOT,
    dataTemplate: inject("dataTemplate"),
    cron: false,
    functions,
    functionEnv: { AMOCRM_ENABLED: "false" },
    onAuthMail: (mail) => authMails.push(mail),
  });
  const sql = postgres(stack.dbUrl(), { max: 4, onnotice: () => {} });
  return {
    stack,
    sql,
    authMails,
    ...peopleOf(stack),
    async stop() {
      await sql.end({ timeout: 1 });
      await stack.stop();
    },
  };
}

/** Accounts of a stack, over its own Auth API. */
export function peopleOf(stack: Stack): People {
  const admin = createClient(stack.url, stack.secretKey, NO_SESSION).auth.admin;
  const open = async (credentials: Person["credentials"]) => {
    const client = createClient(stack.url, stack.publishableKey, NO_SESSION);
    const { data, error } = await client.auth.signInWithPassword(credentials);
    if (error !== null) throw error;
    return { client, token: data.session.access_token };
  };
  return {
    async signIn(role) {
      const credentials = { email: `${randomUUID()}@managers.example`, password: randomUUID() };
      const { data, error } = await admin.createUser({
        ...credentials,
        email_confirm: true,
        ...(role && { app_metadata: { role } }),
      });
      if (error !== null) throw error;
      return { id: data.user.id, credentials, ...(await open(credentials)) };
    },
    async signInAs(student) {
      const password = randomUUID();
      const { error } = await admin.updateUserById(student.user_id, { password });
      if (error !== null) throw error;
      return (await open({ email: student.email, password })).client;
    },
  };
}
