import path from "node:path";
import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { migrate } from "#dev/stack/migrate.ts";
import type { PostgresMajor } from "#dev/stack/postgres/cache.ts";
import { startPostgres } from "#dev/stack/postgres.ts";

declare module "vitest" {
  export interface ProvidedContext {
    postgresPort: number;
  }
}

/** The state of a new Supabase project, before any migration of ours. */
export const EMPTY_TEMPLATE = "template_empty";
/** The same after all migrations; a test file works on a copy. */
export const MIGRATED_TEMPLATE = "postgres";
export const MIGRATIONS_DIR = path.join(import.meta.dirname, "../../../supabase/migrations");

/** One real Postgres for the project: 17 as on the hosted platform, unless POSTGRES_MAJOR=15 asks for another one. */
export default function startAskedServer(project: TestProject): Promise<() => Promise<void>> {
  return startServer(project, askedMajor());
}

export async function startServer(project: TestProject, major: PostgresMajor): Promise<() => Promise<void>> {
  const server = await startPostgres({ major });
  const admin = postgres(server.url("supabase_admin", "template1"), { max: 1, onnotice: () => {} });
  await admin.unsafe(`create database ${EMPTY_TEMPLATE} template postgres owner postgres`);
  await admin.end();
  await migrate(server.url(), MIGRATIONS_DIR);
  project.provide("postgresPort", server.port);
  return () => server.stop();
}

function askedMajor(): PostgresMajor {
  const major = process.env["POSTGRES_MAJOR"] ?? "17";
  if (major !== "15" && major !== "17") throw new Error(`POSTGRES_MAJOR is ${major}, must be 15 or 17`);
  return major === "15" ? 15 : 17;
}
