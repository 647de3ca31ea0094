import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { inject } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";
import { REPOSITORY } from "../../architecture/support/repository.ts";

/** What a build reads; the rest stays where it is. */
const READ = [
  "bin",
  "cli",
  "client",
  "dev",
  "installer",
  "pages",
  "supabase",
  "package.json",
  "tsconfig.json",
];
const PACKED_AS_IT_IS = ["docs", ".env.example", "LICENSE", "CHANGELOG.md", "README.md", "README.ru.md"];

/** A package as it lies in somebody's node_modules. */
export interface InstalledPackage {
  /** The folder with `node_modules/` in it. */
  dir: string;
  /** `node_modules/supabase-amocrm`. */
  folder: string;
}

/**
 * The package of this run, which nobody may write into: the first file that asks makes it, whatever process it runs in, and
 * the others wait for that.
 */
export async function installedPackage(): Promise<InstalledPackage> {
  const dir = inject("packageFolder");
  const failure = path.join(dir, "failure");
  const folder = path.join(dir, "node_modules/supabase-amocrm");
  if (isFirst(path.join(dir, "repository"))) {
    try {
      packAndInstall(dir, folder);
    } catch (error) {
      fs.writeFileSync(failure, String(error));
      throw error;
    }
  }
  await waitFor("the package to be packed", () => fs.existsSync(folder) || fs.existsSync(failure));
  if (fs.existsSync(failure)) throw new Error(fs.readFileSync(failure, "utf8"));
  return { dir, folder };
}

/** Of several processes that make the same folder one succeeds. */
function isFirst(folder: string): boolean {
  try {
    fs.mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Runs the real `npm pack`, in a copy, since it changes package.json for a moment, and unpacks what it makes. */
function packAndInstall(dir: string, folder: string): void {
  const copy = path.join(dir, "repository");
  for (const name of [...READ, ...PACKED_AS_IT_IS]) {
    fs.cpSync(path.join(REPOSITORY, name), path.join(copy, name), { recursive: true });
  }
  fs.symlinkSync(path.join(REPOSITORY, "node_modules"), path.join(copy, "node_modules"));
  const before = fs.readFileSync(path.join(copy, "package.json"), "utf8");
  execFileSync("npm", ["pack", "--silent", "--pack-destination", dir], { cwd: copy, stdio: "pipe" });
  if (fs.readFileSync(path.join(copy, "package.json"), "utf8") !== before) {
    throw new Error("npm pack has left another package.json than it found");
  }
  const unpacked = path.join(dir, "unpacked");
  fs.mkdirSync(unpacked);
  const tarball = fs.readdirSync(dir).find((file) => file.endsWith(".tgz")) ?? "";
  execFileSync("tar", ["xzf", path.join(dir, tarball), "--strip-components=1", "-C", unpacked]);
  fs.mkdirSync(path.dirname(folder));
  // At once, so that whoever waits for it finds all of it.
  fs.renameSync(unpacked, folder);
}
