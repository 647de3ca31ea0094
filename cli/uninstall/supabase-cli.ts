import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { EXIT, Failure } from "../failure.ts";

/** The Supabase CLI: answers what it printed on stdout, as JSON. Throws a Failure if it does not succeed. */
export type SupabaseCli = (args: readonly string[]) => Promise<unknown>;

/** The version that the README names; it is tested. */
export const SUPABASE_CLI = "supabase@3.1.0";

const ROOT = path.join(import.meta.dirname, "../..");

/** The one that npm has installed for this platform, else through npx. It finds its login by itself. */
export function createSupabaseCli(environment: Readonly<Record<string, string | undefined>>): SupabaseCli {
  const installed = path.join(
    ROOT,
    `node_modules/@supabase/cli-${process.platform}-${process.arch}/bin/supabase`,
  );
  const [program, ...first] = fs.existsSync(installed) ? [installed] : ["npx", "--yes", SUPABASE_CLI];
  return async (args) => {
    const all = [...first, ...args, "--output-format", "json", "--agent", "no", "--workdir", ROOT];
    const { exitCode, stdout, stderr } = await collect(program ?? "npx", all, environment);
    if (exitCode === 0) return stdout.trim() === "" ? null : JSON.parse(stdout);
    throw new Failure(
      "supabase_cli",
      `supabase ${args.slice(0, 2).join(" ")}: ${reasonOf(stdout) ?? lastLine(stderr)}`,
      "npx supabase@3.1.0 login, or set SUPABASE_ACCESS_TOKEN",
      EXIT.unreached,
    );
  };
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
