import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { filled, same, type Text } from "#shared/platform/text.ts";
import { EXIT, Failure } from "../failure.ts";
import { OUR_FOLDER } from "../our-files.ts";
import { UNINSTALL } from "../words/uninstall.ts";

/**
 * The Supabase CLI: answers what it printed on stdout, as JSON, and null where that was none. Throws a Failure if it does
 * not succeed.
 */
export type SupabaseCli = (args: readonly string[]) => Promise<unknown>;

/** The version that the README names; it is tested. */
export const SUPABASE_CLI = "supabase@3.1.0";

/** The one that SUPABASE_CLI names or npm has installed for this platform, else through npx. It finds its login by itself. */
export function createSupabaseCli(environment: Readonly<Record<string, string | undefined>>): SupabaseCli {
  const installed =
    environment["SUPABASE_CLI"] ??
    path.join(OUR_FOLDER, `node_modules/@supabase/cli-${process.platform}-${process.arch}/bin/supabase`);
  const [program, ...first] = fs.existsSync(installed) ? [installed] : ["npx", "--yes", SUPABASE_CLI];
  return async (args) => {
    const all = [...first, ...args, "--output-format", "json", "--agent", "no", "--workdir", OUR_FOLDER];
    const { exitCode, stdout, stderr } = await collect(program ?? "npx", all, environment);
    if (exitCode === 0) return answerOf(stdout);
    const reason = reasonOf(stdout) ?? lastLine(stderr);
    throw new Failure(
      "supabase_cli",
      same(`supabase ${args.slice(0, 2).join(" ")}: ${reason}`),
      remedyFor(reason),
      EXIT.unreached,
    );
  };
}

/**
 * By URL the CLI answers a statement without rows by its bare command tag (`DO`), although JSON was asked for; over the
 * platform it answers `[]`.
 */
function answerOf(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    return null;
  }
}

/** A login mends no statement that Postgres refused. */
function remedyFor(reason: string): Text | null {
  return /SQLSTATE|Nothing was removed|drop that first/.test(reason)
    ? null
    : filled(UNINSTALL.login, { cli: SUPABASE_CLI });
}

interface Ending {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

function collect(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Ending> {
  const { promise, resolve, reject } = Promise.withResolvers<Ending>();
  const child = spawn(program, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  const ending: Ending = { exitCode: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    ending.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    ending.stderr += text;
  });
  child.once("error", reject);
  child.once("close", (exitCode) => resolve({ ...ending, exitCode }));
  return promise;
}

/** What the CLI says in its JSON about a failure. */
function reasonOf(stdout: string): string | null {
  try {
    const { error } = JSON.parse(stdout) as { error?: { message?: unknown } };
    return typeof error?.message === "string" ? error.message : null;
  } catch {
    return null;
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "no answer";
}
