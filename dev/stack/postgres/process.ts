import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serverIds } from "./cache.ts";

/**
 * Throw-away data: nothing is flushed to disk, which makes starts and commits several times faster. Commits are
 * still handed to the operating system at once, so a killed server loses none of them.
 */
const SETTINGS = [
  "fsync=off",
  "full_page_writes=off",
  "jit=off",
  "shared_buffers=64MB",
  // The data may be in memory; the default keeps up to a gigabyte of what is written already.
  "max_wal_size=128MB",
  "max_connections=200",
  "timezone=UTC",
  "log_timezone=UTC",
  "autovacuum_naptime=5min",
  "shared_preload_libraries=pg_stat_statements",
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
];

/**
 * The shell between makes the server end with this process, however this process ends: its stdin then closes
 * and the server is asked for a fast shutdown. On descriptor 4 it reports the postmaster's own process id.
 */
const GUARD = [
  "exec 3<&0",
  '"$0" "$@" 3<&- 4>&- </dev/null & pg=$!',
  "echo $pg >&4; exec 4>&-",
  "{ cat <&3 >/dev/null; kill -INT $pg; } 2>/dev/null & watch=$!",
  "wait $pg; rc=$?",
  "kill $watch 2>/dev/null",
  "exit $rc",
].join("\n");

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 5;

/** A started postmaster: its own pid, and the guard shell that Node is the parent of. */
export interface PostgresProcess {
  pid: number;
  guard: ChildProcess;
}

export interface LaunchOptions {
  prefix: string;
  dataDir: string;
  port: number;
  logFile: string;
  settings: string[];
}

/** The environment of every Postgres binary; the locale is the cluster's own, never the machine's. */
export const serverEnv = { PATH: "/usr/bin:/bin", LC_ALL: "C" };

/**
 * A backend gives memory back to the system after each statement and asks for it again at the next, page by page: a sixth of
 * what a database test costs. These are names and bytes of glibc's allocator; others know none of them and go on as they are.
 */
const ALLOCATOR = {
  GLIBC_TUNABLES: [
    "glibc.malloc.hugetlb=1",
    "glibc.malloc.top_pad=8388608",
    "glibc.malloc.trim_threshold=134217728",
    "glibc.malloc.mmap_threshold=134217728",
  ].join(":"),
};

/** Starts the server and resolves when it accepts connections; rejects with the end of its log if it does not. */
export async function launchPostgres(options: LaunchOptions): Promise<PostgresProcess> {
  const { prefix, dataDir, port, logFile, settings } = options;
  const log = fs.openSync(logFile, "a");
  const logStart = fs.fstatSync(log).size;
  const flags = [...SETTINGS, ...settings].flatMap((setting) => ["-c", setting]);
  const guard = spawn(
    "/bin/sh",
    ["-c", GUARD, path.join(prefix, "bin", "postgres"), "-D", dataDir, "-p", String(port), ...flags],
    {
      ...serverIds,
      cwd: "/",
      // Its own process group: Ctrl-C in a terminal then reaches only Node, which ends the parts in order.
      detached: true,
      stdio: ["pipe", log, log, "ignore", "pipe"],
      env: { ...serverEnv, ...ALLOCATOR },
    },
  );
  fs.closeSync(log);
  // The pipe breaks when the server ends by itself; the exit event is what counts.
  guard.stdin?.on("error", () => {});
  const failed = (reason: string): Error => {
    const words = fs.readFileSync(logFile).subarray(logStart).toString("utf8").trim().slice(-2000);
    return new Error(`Postgres on port ${port} ${reason}:\n${words}`);
  };
  let pidText = "";
  guard.stdio[4]?.on("data", (chunk: Buffer) => {
    pidText += chunk.toString();
  });
  let ended = false;
  guard.once("exit", () => {
    ended = true;
  });
  guard.once("error", () => {
    ended = true;
  });
  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < giveUpAt) {
    if (ended) throw failed("did not start");
    const pid = Number.parseInt(pidText, 10);
    if (isReady(dataDir, pid)) return { pid, guard };
    await sleep(POLL_MS);
  }
  guard.stdin?.end();
  throw failed(`was not ready within ${START_TIMEOUT_MS} ms`);
}

/** Line 1 of postmaster.pid is the pid, so a file left by a killed server does not count; line 8 is the state. */
function isReady(dataDir: string, pid: number): boolean {
  try {
    const lines = fs.readFileSync(path.join(dataDir, "postmaster.pid"), "utf8").split("\n");
    return Number(lines[0]) === pid && lines[7]?.startsWith("ready") === true;
  } catch {
    return false;
  }
}

/** Asks for a fast shutdown, which ends open connections, and resolves when the server is gone. */
export async function haltPostgres({ guard }: PostgresProcess): Promise<void> {
  if (guard.exitCode !== null || guard.signalCode !== null) return;
  const gone = new Promise((resolve) => guard.once("exit", resolve));
  guard.stdin?.end();
  await gone;
}
