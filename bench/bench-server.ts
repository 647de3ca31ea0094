import path from "node:path";
import postgres from "postgres";
import { migrate } from "#dev/stack/migrate.ts";
import { type Postgres, startPostgres } from "#dev/stack/postgres.ts";

export const ROOT = path.join(import.meta.dirname, "..");

/** As on a real server: what is committed is on the disk. The embedded stack's own default is fsync off. */
const SETTINGS = [
  "fsync=on",
  "full_page_writes=on",
  "synchronous_commit=on",
  "shared_buffers=1GB",
  "max_wal_size=4GB",
  "autovacuum_naptime=10s",
  "max_connections=60",
];

/** One Postgres for all contestants, each with a database of its own. */
export interface BenchServer {
  /** A migrated database of the product. */
  oursUrl: string;
  /** A new empty database. */
  database(name: string): Promise<string>;
  /** Writes to the disk all that was changed so far. */
  checkpoint(): Promise<void>;
  stop(): Promise<void>;
}

export async function startBenchServer(): Promise<BenchServer> {
  const server: Postgres = await startPostgres({ major: 17, settings: SETTINGS, isOnDisk: true });
  await migrate(server.url(), path.join(ROOT, "supabase/migrations"));
  // No cron worker runs here, so nothing but the benchmark touches the database.
  return {
    oursUrl: server.url("supabase_admin"),
    async database(name) {
      const admin = connect(server.url("supabase_admin", "template1"));
      await admin.unsafe(`create database ${name}`);
      await admin.end();
      return server.url("supabase_admin", name);
    },
    async checkpoint() {
      const admin = connect(server.url("supabase_admin"));
      await admin`checkpoint`;
      await admin.end();
    },
    stop: () => server.stop(),
  };
}

/** A session, or several, that says nothing of notices. */
export function connect(url: string, max = 1): postgres.Sql {
  return postgres(url, { max, onnotice: () => {} });
}
