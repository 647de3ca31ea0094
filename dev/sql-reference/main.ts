import fs from "node:fs";
import path from "node:path";
import postgres from "postgres";
import { migrate } from "../stack/migrate.ts";
import { startPostgres } from "../stack/postgres.ts";
import { readCatalogue } from "./catalogue.ts";
import { pageOf } from "./page.ts";

const REPOSITORY = path.resolve(import.meta.dirname, "../..");

/** Where the reference is checked in. */
export const REFERENCE_FILE = path.join(REPOSITORY, "docs/sql-reference.md");

/** `npm run sql-reference`: writes the reference of a database that has just been migrated. */
async function main(): Promise<void> {
  const server = await startPostgres();
  const sql = postgres(server.url(), { max: 1, onnotice: () => undefined });
  try {
    await migrate(server.url(), path.join(REPOSITORY, "supabase/migrations"));
    fs.writeFileSync(REFERENCE_FILE, pageOf(await readCatalogue(sql)));
    console.log(`Wrote ${path.relative(process.cwd(), REFERENCE_FILE)}`);
  } finally {
    await sql.end();
    await server.stop();
  }
}

if (process.argv[1] === import.meta.filename) await main();
