import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { readMarker } from "./marker.ts";
import { SHARED } from "./payload.ts";

export const RECORD = "supabase-amocrm.json";

/** What we have written into a project, as it stands there beside config.toml. */
const Installation = z.object({
  package: z.literal("supabase-amocrm"),
  version: z.string(),
  modules: z.array(z.string()),
  /** Hashes of our files, by their place under supabase/. */
  files: z.record(z.string(), z.string()),
  /** Hashes of the migrations that count, by step. */
  steps: z.record(z.string(), z.string()),
  /** The migration that holds them all and has lost our marks: a squashed history. */
  baseline: z.string().optional(),
});
export type Installation = z.infer<typeof Installation>;

/** A project's supabase folder as far as it concerns us, read once. */
export interface Host {
  /** The folder, for messages and for writing. */
  folder: string;
  migrations: { file: string; text: string }[];
  config: string | null;
  /** Everything under functions/ that can be ours or in our way, by its place under supabase/. */
  files: Map<string, string>;
  /** Folders of functions that we did not write. */
  ownFunctions: string[];
  record: Installation | null;
  recordText: string | null;
  /** The record is there and cannot be understood. */
  isRecordBroken: boolean;
}

/** `--supabase-dir`: the supabase folder itself, or the one that has it. */
export function findFolder(named: string | undefined, cwd: string): string {
  const base = path.resolve(cwd, named ?? ".");
  const isItself = ["config.toml", "migrations", "functions"].some((name) =>
    fs.existsSync(path.join(base, name)),
  );
  if (path.basename(base) === "supabase" && (named !== undefined || isItself)) return base;
  if (named !== undefined && isItself && !fs.existsSync(path.join(base, "supabase"))) return base;
  return path.join(base, "supabase");
}

/** Reads the folder; one that is not there is an empty one. `slugs` are the functions that are or may have been ours. */
export function readHost(folder: string, slugs: readonly string[], alsoOurs: readonly string[]): Host {
  const functions = path.join(folder, "functions");
  const recordText = readIfThere(path.join(folder, RECORD));
  const record = recordText === null ? null : Installation.safeParse(parseOrNull(recordText));
  const places = new Set([
    ...alsoOurs,
    ...Object.keys(record?.data?.files ?? {}),
    ...[SHARED, ...slugs].flatMap((name) => filesUnder(folder, path.posix.join("functions", name))),
  ]);
  const files = new Map<string, string>();
  for (const place of places) {
    const text = readIfThere(path.join(folder, place));
    if (text !== null) files.set(place, text);
  }
  return {
    folder,
    migrations: list(path.join(folder, "migrations"))
      .filter((file) => file.endsWith(".sql"))
      .map((file) => ({ file, text: fs.readFileSync(path.join(folder, "migrations", file), "utf8") })),
    config: readIfThere(path.join(folder, "config.toml")),
    files,
    ownFunctions: list(functions).filter(
      (name) => fs.existsSync(path.join(functions, name, "index.ts")) && !slugs.includes(name),
    ),
    record: record?.data ?? null,
    recordText,
    isRecordBroken: record !== null && !record.success,
  };
}

/** How a file that lies there stands to us. */
type Standing = "absent" | "ours" | "changed" | "foreign";

/** `hash` is given for a file that somebody copied by hand, as an earlier README had it. */
export function standingOf(host: Host, place: string, hashOf: (text: string) => string, known?: string) {
  const text = host.files.get(place);
  if (text === undefined) return "absent" satisfies Standing;
  const hash = hashOf(text);
  if (hash === host.record?.files[place] || hash === known) return "ours" satisfies Standing;
  const marker = readMarker(text);
  if (marker?.isUnchanged === true) return "ours" satisfies Standing;
  const wasOurs = marker !== null || host.record?.files[place] !== undefined;
  return (wasOurs ? "changed" : "foreign") satisfies Standing;
}

function filesUnder(folder: string, place: string): string[] {
  const base = path.join(folder, place);
  if (!fs.existsSync(base)) return [];
  return fs
    .readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"));
}

function list(folder: string): string[] {
  const isFolder = fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? fs.readdirSync(folder).sort() : [];
}

function readIfThere(file: string): string | null {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true
    ? fs.readFileSync(file, "utf8")
    : null;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
