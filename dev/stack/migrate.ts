import fs from "node:fs";
import path from "node:path";
import postgres from "postgres";

const MIGRATION_FILE = /^(\d+)_(.*)\.sql$/;

/**
 * Applies the migrations that the history does not have yet, in order, each file in one transaction, as the CLI's
 * `db push` does. The url's role should be `postgres`, as there. Returns the applied file names; a failure names
 * the file and, where the server says so, the line.
 */
export async function migrate(url: string, dir: string): Promise<string[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(`create schema if not exists supabase_migrations;
      create table if not exists supabase_migrations.schema_migrations
        (version text primary key, statements text[], name text)`);
    const rows = await sql<{ version: string }[]>`select version from supabase_migrations.schema_migrations`;
    const done = new Set(rows.map((row) => row.version));
    const applied: string[] = [];
    for (const file of migrationFiles(dir)) {
      const [, version = "", name = ""] = MIGRATION_FILE.exec(file) ?? [];
      if (done.has(version)) continue;
      const text = fs.readFileSync(path.join(dir, file), "utf8");
      try {
        await sql.begin(async (transaction) => {
          await transaction.unsafe(text);
          // A migration may have set a search_path or role of its own for the rest of the transaction.
          await transaction`insert into supabase_migrations.schema_migrations (version, name) values (${version}, ${name})`;
        });
      } catch (cause) {
        throw new Error(`${file}${lineOf(text, cause)}: ${(cause as Error).message}`, { cause });
      }
      applied.push(file);
    }
    return applied;
  } finally {
    await sql.end();
  }
}

/** Runs `seed.sql` if the project has one, as the CLI does on a developer's machine; the hosted project never sees it. */
export async function seed(url: string, file: string): Promise<void> {
  if (!fs.existsSync(file)) return;
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(fs.readFileSync(file, "utf8"));
  } finally {
    await sql.end();
  }
}

function migrationFiles(dir: string): string[] {
  if (!fs.existsSync(dir)) return [];
  const files = fs.readdirSync(dir).filter((name) => name.endsWith(".sql"));
  const misnamed = files.find((name) => !MIGRATION_FILE.test(name));
  // The CLI skips such a file with a mere warning, and nobody notices until a table is missing.
  if (misnamed !== undefined) throw new Error(`${misnamed}: a migration must be named <digits>_<name>.sql`);
  return files.sort();
}

function lineOf(text: string, error: unknown): string {
  const position = Number((error as postgres.PostgresError).position);
  return position > 0 ? `:${text.slice(0, position).split("\n").length}` : "";
}
