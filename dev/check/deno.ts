import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { denoBinary } from "../stack/deno-binary.ts";

const REPOSITORY = path.resolve(import.meta.dirname, "../..");
const FUNCTIONS = "supabase/functions";

/** Resolves bare names as the platform does, but from node_modules, and reaches for nothing outside. */
export const DENO_FLAGS = [
  "--no-remote",
  "--node-modules-dir=manual",
  "--config",
  path.join(REPOSITORY, FUNCTIONS, "deno.json"),
];

/** Variables for a quiet Deno whose cache is this user's own, apart from that of other projects. */
export function denoEnvironment(name: string): Record<string, string | undefined> {
  return {
    ...process.env,
    DENO_DIR: path.join(os.tmpdir(), `supabase-amocrm-deno-${name}-${os.userInfo().username}`),
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
}

/** The Deno of development: a version that reads new syntax and complains in full. */
export const localDeno = denoBinary;

/**
 * Deno 2.1.4, the level that the hosted runtime declares (its API and TypeScript 5.6). Null where its build is not
 * installed because npm has it for another platform: CI, on Linux x64, always checks with it.
 */
export function hostedDeno(): string | null {
  if (process.platform !== "linux" || process.arch !== "x64") return null;
  const binary = path.join(REPOSITORY, "node_modules/deno-hosted-linux-x64/deno");
  if (!fs.existsSync(binary)) throw new Error(`Deno 2.1.4 is not at ${binary}: run npm ci`);
  return binary;
}

/** Every TypeScript file under supabase/functions, as absolute paths in order. */
export function functionSources(): string[] {
  return fs
    .readdirSync(path.join(REPOSITORY, FUNCTIONS), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .map((file) => path.join(REPOSITORY, FUNCTIONS, file));
}
