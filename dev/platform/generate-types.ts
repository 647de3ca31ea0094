import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { migrate } from "../stack/migrate.ts";
import { startPostgres } from "../stack/postgres.ts";
import { remoteFlag, requireSupabaseCli } from "./supabase-cli.ts";

const REPOSITORY = path.resolve(import.meta.dirname, "../..");

/** Where the generated types are checked in. */
export const TYPES_FILE = path.join(REPOSITORY, "supabase/functions/_shared/platform/database.types.ts");

const HEADER =
  "// Made by `npm run types` from supabase/migrations with the Supabase CLI; not edited by hand.\n";

/** TypeScript types of schema `public`, the only one that the Data API exposes, of a migrated database. */
export async function generateTypes(url: string): Promise<string> {
  const args = ["gen", "types", remoteFlag(url), "--schema", "public"];
  const types = await requireSupabaseCli(args, { projectDir: REPOSITORY });
  return HEADER + formatted(types);
}

/** The CLI leaves its output unformatted; one property a line makes a change of the schema readable in a diff. */
function formatted(types: string): string {
  const biome = path.join(REPOSITORY, "node_modules/.bin/biome");
  const args = ["format", "--stdin-file-path=database.types.ts"];
  return execFileSync(biome, args, { cwd: REPOSITORY, input: types, encoding: "utf8" });
}

async function main(): Promise<void> {
  const server = await startPostgres();
  try {
    await migrate(server.url(), path.join(REPOSITORY, "supabase/migrations"));
    fs.writeFileSync(TYPES_FILE, await generateTypes(server.url()));
    console.log(`Wrote ${path.relative(process.cwd(), TYPES_FILE)}`);
  } finally {
    await server.stop();
  }
}

if (process.argv[1] === import.meta.filename) await main();
