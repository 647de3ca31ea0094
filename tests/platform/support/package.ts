import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
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

/** Runs the real `npm pack`, in a copy, since it changes package.json for a moment, and unpacks what it makes. */
export function packAndInstall(): InstalledPackage {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "packed-"));
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
  const folder = path.join(dir, "node_modules/supabase-amocrm");
  fs.mkdirSync(folder, { recursive: true });
  const tarball = fs.readdirSync(dir).find((file) => file.endsWith(".tgz")) ?? "";
  execFileSync("tar", ["xzf", path.join(dir, tarball), "--strip-components=1", "-C", folder]);
  fs.rmSync(copy, { recursive: true, force: true });
  return { dir, folder };
}
