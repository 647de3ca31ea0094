import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { isRoot, openCache, serverIds } from "../postgres/cache.ts";

/**
 * The data directory of `npm run dev -- --keep`: `.dev/data` of the project. A root user's project may lie where
 * the server, which runs as nobody, cannot go (/root); then the data is in the cache and `.dev/data` links to it.
 */
export function keptDataDir(root: string): string {
  const wished = path.join(root, ".dev", "data");
  fs.mkdirSync(path.dirname(wished), { recursive: true });
  if (fs.existsSync(wished)) return fs.realpathSync(wished);
  fs.rmSync(wished, { force: true });
  if (!isRoot || isOpenToAll(path.dirname(wished))) return wished;

  const name = createHash("sha256").update(wished).digest("hex").slice(0, 16);
  const parent = path.join(openCache(), `kept-${name}`);
  fs.mkdirSync(parent, { recursive: true });
  fs.chownSync(parent, serverIds.uid ?? 0, serverIds.gid ?? 0);
  const actual = path.join(parent, "data");
  fs.symlinkSync(actual, wished);
  return actual;
}

/** Whether any user may pass through the folder and all above it. */
function isOpenToAll(dir: string): boolean {
  const mayPass = (fs.statSync(dir).mode & 0o001) !== 0;
  const parent = path.dirname(dir);
  return mayPass && (parent === dir || isOpenToAll(parent));
}
