import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export interface CliAnswer {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  /** The folder that holds `supabase/`. */
  projectDir: string;
  /** Variables for the CLI beside the few that it needs; nothing of the caller's own environment is handed on. */
  env?: Readonly<Record<string, string>>;
}

const REPOSITORY = path.resolve(import.meta.dirname, "../..");
const MAX_RUN_MS = 120_000;

/** What each run of the CLI gets, also one that the code under test starts: no telemetry, and no look for a newer one. */
export const CLI_ENVIRONMENT: Readonly<Record<string, string>> = {
  SUPABASE_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  SUPABASE_NO_UPDATE_NOTIFIER: "1",
  SUPABASE_NO_KEYRING: "1",
  NO_COLOR: "1",
  // It is a program of Bun, and none of its runs is long enough to earn back the CPU of the compiler for what runs often.
  BUN_JSC_useDFGJIT: "0",
};

/** The real Supabase CLI: `SUPABASE_CLI` if set, else the one that npm installed for this platform. */
export function supabaseCli(): string {
  const wished = process.env["SUPABASE_CLI"];
  const installed = `node_modules/@supabase/cli-${process.platform}-${process.arch}/bin/supabase`;
  const binary = wished ?? path.join(REPOSITORY, installed);
  if (!fs.existsSync(binary)) {
    throw new Error(`No Supabase CLI at ${binary}: run npm ci, or name one in SUPABASE_CLI`);
  }
  return binary;
}

/**
 * Runs the Supabase CLI with telemetry and update look-ups off and a home of its own, so that it neither reads the
 * developer's login nor asks anything of the outside. Never rejects for an exit code.
 */
export async function runSupabaseCli(args: readonly string[], options: CliOptions): Promise<CliAnswer> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "supabase-home-"));
  try {
    return await collect(supabaseCli(), [...args, "--workdir", options.projectDir], {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      ...CLI_ENVIRONMENT,
      ...options.env,
    });
  } finally {
    fs.rmSync(home, { recursive: true, force: true });
  }
}

/** As `runSupabaseCli`, but an exit code other than 0 throws with all that the CLI said. Returns its stdout. */
export async function requireSupabaseCli(args: readonly string[], options: CliOptions): Promise<string> {
  const answer = await runSupabaseCli(args, options);
  if (answer.exitCode !== 0) {
    throw new Error(
      `supabase ${args[0]} ${args[1]} ended with ${answer.exitCode}:\n${answer.stderr}${answer.stdout}`,
    );
  }
  return answer.stdout;
}

/** The flag for a database on loopback; without `sslmode` the CLI prints a warning about TLS into its answer. */
export function remoteFlag(url: string): string {
  return `--remote=${url}?sslmode=disable`;
}

/**
 * Copies `supabase/` into a new folder, without a developer's `.env` files and the CLI's own notes: the CLI would
 * read secrets from the former and write the latter into the repository.
 */
export function copyProject(): string {
  const projectDir = fs.mkdtempSync(path.join(os.tmpdir(), "supabase-project-"));
  fs.cpSync(path.join(REPOSITORY, "supabase"), path.join(projectDir, "supabase"), {
    recursive: true,
    filter: (source) => !/^\.(env|temp|branches)/.test(path.basename(source)),
  });
  return projectDir;
}

function collect(binary: string, args: readonly string[], env: Record<string, string>): Promise<CliAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: MAX_RUN_MS,
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (signal !== null)
        reject(new Error(`supabase ${args[0]} was ended by ${signal}:\n${stderr}${stdout}`));
      else resolve({ exitCode: code ?? -1, stdout, stderr });
    });
  });
}
