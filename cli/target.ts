import fs from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { readStackFile } from "#dev/stack/command/stack-file.ts";
import { filled } from "#shared/platform/text.ts";
import { usageFailure } from "./failure.ts";
import { PROJECT } from "./words/project.ts";

/** Which project a command works on, and how to reach its functions. */
export interface Target {
  kind: "hosted" | "local";
  /** The project's origin, without a trailing slash. */
  url: string;
  secretKey: string;
  /** Where the address was found, for the operator. */
  origin: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_ENV_FILE = ".env";
/** Where `npm run dev` writes the addresses of the local stack. */
export const DEFAULT_STACK_FILE = ".dev/stack.json";

/** Adds the variables of a file to `environment`; those that are set already win. Only the default file may be missing. */
export function loadEnvFile(
  named: string | undefined,
  environment: Record<string, string | undefined>,
): void {
  const file = named ?? DEFAULT_ENV_FILE;
  if (named === undefined && !fs.existsSync(file)) return;
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch {
    throw usageFailure(filled(PROJECT.dotenv, { file: path.resolve(file) }));
  }
  for (const [name, value] of Object.entries(parseEnv(text))) environment[name] ??= value;
}

/**
 * The project of SUPABASE_URL and SUPABASE_SECRET_KEY, else the local stack that is running. Throws a usage failure
 * that names the variable that is missing or malformed: a half-set environment never falls through to another project.
 * `local`, true or a path, means the local stack whatever the environment says.
 */
export function findTarget(environment: Environment, local: string | true | undefined): Target {
  const url = environment["SUPABASE_URL"]?.trim() ?? "";
  const secretKey = environment["SUPABASE_SECRET_KEY"]?.trim() ?? "";
  if (local === undefined && (url !== "" || secretKey !== "")) return hostedTarget(url, secretKey);

  const file = path.resolve(typeof local === "string" ? local : DEFAULT_STACK_FILE);
  const stack = readStackFile(file);
  if (stack === undefined) {
    throw usageFailure(
      filled(local === undefined ? PROJECT.unnamed : PROJECT.noStack, { file }),
      local === undefined ? PROJECT.unnamedRemedy : PROJECT.startStack,
    );
  }
  return { kind: "local", url: stack.url, secretKey: stack.secretKey, origin: file };
}

function hostedTarget(url: string, secretKey: string): Target {
  if (url === "") throw usageFailure(PROJECT.noUrl, PROJECT.urlLooks);
  if (secretKey === "") throw usageFailure(PROJECT.noKey, PROJECT.takeKey);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw usageFailure(PROJECT.badUrl, PROJECT.urlLooks);
  }
  return { kind: "hosted", url: new URL(url).origin, secretKey, origin: "SUPABASE_URL" };
}
