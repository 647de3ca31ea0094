import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { denoBinary } from "./deno-binary.ts";
import { type FunctionCall, parseReport } from "./functions-report.ts";
import { Ring } from "./ring.ts";

export interface FunctionsOptions {
  /** The project's folder; the functions are in its supabase/functions. */
  root: string;
  /** The whole environment of the functions: nothing of the shell's is added but PATH and HOME. */
  env: Record<string, string>;
  /** Which hosts the functions may reach. With "loopback" a test can never touch an outside system. */
  allowNet: "loopback" | "all";
  /** The Deno executable; default: the one of development. */
  deno?: string | undefined;
  /** Where Deno keeps what it compiled. */
  denoDir: string;
  onLog?: ((line: string) => void) | undefined;
  /** Called when a process that died is up again. */
  onRestart?: ((pid: number) => void) | undefined;
}

export interface FunctionsProcess {
  /** The Deno process's own id; undefined while none is running. */
  readonly pid: number | undefined;
  /** The address of the functions, without the trailing /<name>; undefined while the process is down. */
  readonly url: string | undefined;
  calls(): FunctionCall[];
  /** Calls that have begun and are not finished; those of a process that died are gone with it. */
  openCallCount(): number;
  /** The last lines that the functions wrote to stdout and stderr. */
  log(): string[];
  /** Starts the functions again with another environment, as setting a secret of a hosted project does. */
  restart(env: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

interface Running {
  child: ChildProcess;
  port: number;
}

const LOG_LINES = 5_000;
const CALLS_KEPT = 20_000;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 3_000;
/** A process that was up comes back at once; one that dies while starting is tried ever more slowly. */
const FIRST_RESTART_MS = 100;
const LAST_RESTART_MS = 5_000;
const SHOWN_LINES = 20;

/**
 * Serves the project's functions in one real Deno process, and starts it again whenever it dies.
 * Rejects if it does not come up the first time; a single function that does not load only fails its own calls.
 */
export async function startFunctions(options: FunctionsOptions): Promise<FunctionsProcess> {
  const log = new Ring<string>(LOG_LINES);
  const calls = new Ring<FunctionCall>(CALLS_KEPT);
  const abort = new AbortController();
  let running: Running | undefined;
  let { env } = options;

  const onLine = (line: string): void => {
    log.push(line);
    options.onLog?.(line);
  };
  let openCallCount = 0;
  const onBegin = (): void => {
    openCallCount += 1;
  };
  const onCall = (call: FunctionCall): void => {
    openCallCount -= 1;
    calls.push(call);
  };
  const start = async (): Promise<Running> => {
    const given = env;
    const started = await startDeno(
      { ...options, env: given },
      { onLine, onBegin, onCall, signal: abort.signal },
    );
    started.child.once("exit", (code, signal) => {
      running = undefined;
      openCallCount = 0;
      if (abort.signal.aborted) return;
      onLine(`functions: Deno ended with ${signal ?? `code ${code}`}, starting it again`);
      void restart();
    });
    running = started;
    // Other variables came while it was starting.
    if (given !== env) void endChild(started.child);
    return started;
  };
  const restart = async (): Promise<void> => {
    for (
      let waitMs = FIRST_RESTART_MS;
      !abort.signal.aborted;
      waitMs = Math.min(waitMs * 2, LAST_RESTART_MS)
    ) {
      await sleep(waitMs);
      if (abort.signal.aborted) return;
      try {
        const { child } = await start();
        return options.onRestart?.(child.pid ?? 0);
      } catch (error) {
        if (!abort.signal.aborted) console.error((error as Error).message);
      }
    }
  };
  await start();

  return {
    get pid() {
      return running?.child.pid;
    },
    get url() {
      return running && `http://127.0.0.1:${running.port}`;
    },
    calls: () => calls.items(),
    openCallCount: () => openCallCount,
    log: () => log.items(),
    async restart(next) {
      env = next;
      // Its end is what brings up the next one.
      if (running) await endChild(running.child);
    },
    async stop() {
      abort.abort();
      if (running) await endChild(running.child);
    },
  };
}

interface DenoHooks {
  onLine: (line: string) => void;
  onBegin: () => void;
  onCall: (call: FunctionCall) => void;
  signal: AbortSignal;
}

/** Starts Deno and resolves when it listens; rejects with its last output when it ends before that. */
async function startDeno(options: FunctionsOptions, hooks: DenoHooks): Promise<Running> {
  const child = spawn(options.deno ?? denoBinary(), denoFlags(options), {
    cwd: options.root,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      HOME: os.homedir(),
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1",
      DENO_DIR: options.denoDir,
      ...options.env,
    },
  });
  child.stdin.on("error", () => {});
  const shown = new Ring<string>(SHOWN_LINES);
  const settled = new AbortController();
  try {
    const port = await new Promise<number>((resolve, reject) => {
      const fail = (reason: string): void =>
        reject(new Error(`The functions process ${reason}; its last output:\n${shown.items().join("\n")}`));
      const timer = setTimeout(() => fail(`was not ready within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
      const read = (stream: Readable): void => {
        readline.createInterface({ input: stream }).on("line", (line) => {
          const report = parseReport(line);
          if (report === undefined) {
            shown.push(line);
            hooks.onLine(line);
          } else if (report.event === "begin") {
            hooks.onBegin();
          } else if (report.event === "call") {
            hooks.onCall(report.call);
          } else {
            clearTimeout(timer);
            resolve(report.port);
          }
        });
      };
      read(child.stdout);
      read(child.stderr);
      child.once("error", (error) => fail(`could not be started (${error.message})`));
      // "close", not "exit": by then all of its output has been read.
      child.once("close", (code, signal) => {
        clearTimeout(timer);
        fail(`ended with ${signal ?? `code ${code}`} while starting`);
      });
      hooks.signal.addEventListener("abort", () => fail("was stopped"), { signal: settled.signal });
    });
    return { child, port };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    settled.abort();
  }
}

function denoFlags(options: FunctionsOptions): string[] {
  const functionsDir = path.join(options.root, "supabase", "functions");
  fs.mkdirSync(functionsDir, { recursive: true });
  const configFile = path.join(functionsDir, "deno.json");
  const nodeModules = path.join(options.root, "node_modules");
  const readable = [options.root, import.meta.dirname];
  if (fs.existsSync(nodeModules)) readable.push(fs.realpathSync(nodeModules));
  return [
    "run",
    "--no-prompt",
    "--no-lock",
    "--cached-only",
    "--node-modules-dir=manual",
    ...(fs.existsSync(configFile) ? ["--config", configFile] : ["--no-config"]),
    "--allow-env",
    "--allow-sys",
    `--allow-read=${readable.join(",")}`,
    options.allowNet === "all" ? "--allow-net" : "--allow-net=127.0.0.1,localhost",
    path.join(import.meta.dirname, "functions.deno.ts"),
    functionsDir,
  ];
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(timer);
}
