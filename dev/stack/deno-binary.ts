import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/**
 * The Deno executable itself. `node_modules/.bin/deno` may be a Node script that starts it as its child (after an
 * install with --ignore-scripts), and then a signal or a pid would mean the wrong process.
 */
export function denoBinary(): string {
  const require = createRequire(import.meta.url);
  const denoPackage = require.resolve("deno/package.json");
  const linked = path.join(path.dirname(denoPackage), "deno");
  if (fs.existsSync(linked)) return linked;
  const libc = process.platform === "linux" ? "-glibc" : "";
  const platformPackage = `@deno/${process.platform}-${process.arch}${libc}`;
  try {
    const inDeno = createRequire(denoPackage);
    return path.join(path.dirname(inDeno.resolve(`${platformPackage}/package.json`)), "deno");
  } catch (cause) {
    throw new Error(`${platformPackage} is not installed: run npm ci`, { cause });
  }
}
