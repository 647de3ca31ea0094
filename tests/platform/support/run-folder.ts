import fs from "node:fs";
import path from "node:path";
import { openRuns } from "#dev/stack/postgres/cache.ts";

interface RunFolder {
  dir: string;
  remove(): void;
}

/** A new folder, in memory where there is room; with the pid in its name it is swept away if this process is killed. */
export function makeRunFolder(name: string): RunFolder {
  const dir = fs.mkdtempSync(path.join(openRuns(), `run-${process.pid}-${name}-`));
  return { dir, remove: () => fs.rmSync(dir, { recursive: true, force: true }) };
}
