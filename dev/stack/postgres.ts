import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import {
  bootstrapSql,
  installBinaries,
  isRoot,
  openCache,
  openRuns,
  type PostgresMajor,
  publishDir,
  serverIds,
  sweepCache,
} from "./postgres/cache.ts";
import { freePort } from "./postgres/free-port.ts";
import { haltPostgres, launchPostgres, type PostgresProcess, serverEnv } from "./postgres/process.ts";

export interface PostgresOptions {
  /** Default 17, the hosted version. */
  major?: PostgresMajor;
  /** Default: a free one. */
  port?: number;
  /** Further server settings, each as `name=value`. */
  settings?: string[];
  /** A data directory that outlives `stop()`; made at the first start. Default: a new one that `stop()` removes. */
  dataDir?: string;
  /** A data directory of a server that was shut down, which a new one begins as a copy of. Default: a new project's. */
  dataTemplate?: string;
  /** Default: a folder of this user in the system's temporary directory. */
  cacheDir?: string;
  /** The data on a disk, also where there is room for it in memory: for whoever measures what a commit costs. */
  isOnDisk?: boolean;
  /** Called after a server that died has been started again on the same port; without it a death is final. */
  onRestart?: (pid: number) => void;
}

export interface Postgres {
  major: PostgresMajor;
  port: number;
  /** The postmaster's own process id; it changes when a dead server is started again. */
  readonly pid: number;
  /** The folder of this run: the server's log, and the data unless `dataDir` was given. */
  dir: string;
  /** A connection string; `supabase_admin` is the superuser, `postgres` (the default) the migrations' role. */
  url(user?: string, database?: string): string;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/** Locales that need nothing from the machine: 15 has no builtin provider yet, ICU comes with the package. */
const LOCALE_FLAGS: Record<PostgresMajor, string[]> = {
  17: ["--locale-provider=builtin", "--locale=C.UTF-8"],
  15: ["--locale-provider=icu", "--icu-locale=und", "--locale=C"],
};
const PORT_TRIES = 5;
const RESTART_TRIES = 20;
const RESTART_WAIT_MS = 250;

/**
 * Starts a throw-away Postgres in the state of a new Supabase project (postgres/bootstrap.sql), with stand-ins for pg_cron,
 * pg_net and supabase_vault. It ends with this process, also when that is killed. Many may run side by side.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const major = options.major ?? 17;
  const cache = openCache(options.cacheDir);
  const runs = options.isOnDisk === true ? cache : openRuns(options.cacheDir);
  for (const place of new Set([cache, runs])) sweepCache(place);
  const { prefix, key } = installBinaries(cache, major);
  const dir = fs.mkdtempSync(path.join(runs, `run-${process.pid}-`));
  giveToServer(dir);
  const logFile = path.join(dir, "postgres.log");
  const settings = options.settings ?? [];
  const dataDir = options.dataDir ?? path.join(dir, "data");
  try {
    if (!fs.existsSync(path.join(dataDir, "PG_VERSION"))) {
      const empty = path.join(cache, `template-${key}`);
      if (!fs.existsSync(empty)) await makeTemplate({ template: empty, cache, prefix, major });
      copyDir(options.dataTemplate ?? empty, dataDir);
    }
    assertVersion(dataDir, major);
    let current = await launchOnFreePort(options.port, (port) =>
      launchPostgres({ prefix, dataDir, port, logFile, settings }),
    );
    const port = current.port;
    let stopping = false;

    const restart = async (onRestart: (pid: number) => void): Promise<void> => {
      for (let attempt = 1; !stopping && attempt <= RESTART_TRIES; attempt++) {
        try {
          // The shared memory of the dead server stays in use until the last of its backends has noticed.
          current = { port, server: await launchPostgres({ prefix, dataDir, port, logFile, settings }) };
          if (stopping) return await haltPostgres(current.server);
          watch(onRestart);
          return onRestart(current.server.pid);
        } catch (error) {
          if (attempt === RESTART_TRIES) console.error(error);
          await sleep(RESTART_WAIT_MS);
        }
      }
    };
    const watch = (onRestart: (pid: number) => void): void => {
      current.server.guard.once("exit", () => {
        if (!stopping) void restart(onRestart);
      });
    };
    if (options.onRestart) watch(options.onRestart);

    return {
      major,
      port,
      dir,
      get pid() {
        return current.server.pid;
      },
      url: (user = "postgres", database = "postgres") =>
        `postgres://${user}:postgres@127.0.0.1:${port}/${database}`,
      async stop() {
        stopping = true;
        await haltPostgres(current.server);
        fs.rmSync(dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    fs.rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** Runs initdb and bootstrap.sql once per machine; later starts copy the result. */
async function makeTemplate(place: {
  template: string;
  cache: string;
  prefix: string;
  major: PostgresMajor;
}): Promise<void> {
  const { template, cache, prefix, major } = place;
  const building = fs.mkdtempSync(path.join(cache, `building-${process.pid}-`));
  giveToServer(building);
  const dataDir = path.join(building, "data");
  const logFile = path.join(building, "postgres.log");
  const flags = ["-U", "supabase_admin", "--auth=trust", "--encoding=UTF8", ...LOCALE_FLAGS[major]];
  execFileSync(
    path.join(prefix, "bin", "initdb"),
    ["-D", dataDir, ...flags, "--wal-segsize=1", "--no-sync", "--no-instructions"],
    { ...serverIds, cwd: building, stdio: "pipe", env: serverEnv },
  );
  const { port, server } = await launchOnFreePort(undefined, (port) =>
    launchPostgres({ prefix, dataDir, port, logFile, settings: [] }),
  );
  const sql = postgres(`postgres://supabase_admin:postgres@127.0.0.1:${port}/postgres`, {
    max: 1,
    onnotice: () => {},
  });
  try {
    await sql.unsafe(bootstrapSql());
  } finally {
    await sql.end();
    await haltPostgres(server);
  }
  publishDir(dataDir, template);
  fs.rmSync(building, { recursive: true, force: true });
}

/** A port that was free a moment ago may be taken by now; without a wish of the caller's another one will do. */
async function launchOnFreePort(
  wished: number | undefined,
  launch: (port: number) => Promise<PostgresProcess>,
): Promise<{ port: number; server: PostgresProcess }> {
  for (let attempt = 1; ; attempt++) {
    const port = wished ?? (await freePort());
    try {
      return { port, server: await launch(port) };
    } catch (error) {
      const taken = String(error).includes("could not bind");
      if (!taken || wished !== undefined || attempt === PORT_TRIES) throw error;
    }
  }
}

function copyDir(from: string, to: string): void {
  // cp keeps the owner and clones blocks where the file system can, which fs.cpSync does not.
  const clone = process.platform === "darwin" ? ["-c"] : ["--reflink=auto"];
  fs.mkdirSync(path.dirname(to), { recursive: true });
  execFileSync("cp", ["-a", ...clone, from, to]);
}

function assertVersion(dataDir: string, major: PostgresMajor): void {
  const found = fs.readFileSync(path.join(dataDir, "PG_VERSION"), "utf8").trim();
  if (found !== String(major)) {
    throw new Error(`${dataDir} was made by Postgres ${found}, not ${major}: remove it to start afresh`);
  }
}

function giveToServer(dir: string): void {
  if (isRoot) fs.chownSync(dir, serverIds.uid ?? 0, serverIds.gid ?? 0);
}
