import fs from "node:fs";
import path from "node:path";
import type postgres from "postgres";
import { migrate } from "./migrate.ts";
import { isRoot, openRuns, serverIds } from "./postgres/cache.ts";
import { withConnection } from "./postgres/client.ts";
import { startPostgres } from "./postgres.ts";
import { writeVaultSecrets } from "./vault-secrets.ts";

export interface MigratedTemplate {
  /** For `dataTemplate` of a stack of the same project. */
  dir: string;
  remove(): void;
}

/**
 * A data directory with the project's migrations applied, which stacks copy instead of applying them again. It is this
 * process's own and made anew by each, so the hour of its installation and the partitions of its logs are today's.
 */
export async function makeMigratedTemplate(root: string): Promise<MigratedTemplate> {
  // With the pid in its name it is swept away like any run's folder if this process is killed.
  const place = path.join(openRuns(), `run-${process.pid}-migrated`);
  const dir = path.join(place, "data");
  const template = { dir, remove: () => fs.rmSync(place, { recursive: true, force: true }) };
  if (fs.existsSync(dir)) return template;
  const building = `${place}-building`;
  fs.mkdirSync(building);
  if (isRoot) fs.chownSync(building, serverIds.uid ?? 0, serverIds.gid ?? 0);
  const server = await startPostgres({ dataDir: path.join(building, "data") });
  try {
    // As a stack has them before its migrations, which then make the token of cron's calls; a stack writes its own.
    await withConnection(server.url(), (sql) =>
      writeVaultSecrets(sql, { amocrm_functions_url: "http://127.0.0.1", amocrm_cron_key: "none" }),
    );
    await migrate(server.url(), path.join(root, "supabase", "migrations"));
  } finally {
    // A server that was shut down leaves files that may be copied.
    await server.stop();
  }
  fs.renameSync(building, place);
  return template;
}

/** Lets a copy of the template count its age from now: minutes without a run of cron are a fault that health names. */
export async function installNow(sql: postgres.Sql): Promise<void> {
  await sql`update amocrm.installation set installed_at = clock_timestamp() where installation.is_the_only_row`;
  await sql`update amocrm.upgrades set applied_at = (select installation.installed_at from amocrm.installation)
    where upgrades.version = (select installation.version from amocrm.installation)`;
}
