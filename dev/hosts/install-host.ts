import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { Host } from "./hosts.ts";

/**
 * Puts the host's Node and npm, as npm has them, into a folder and returns the PATH in which `node`, `npm` and `npx`
 * are theirs.
 */
export function installHost({ node, npm }: Host, folder: string): string {
  const nodePackage = unpack(`node-linux-${process.arch}@${node}`, path.join(folder, `node-${node}`));
  const npmPackage = unpack(`npm@${npm}`, path.join(folder, `npm-${npm}`));
  const bin = path.join(folder, `bin-${node}-${npm}`);
  fs.mkdirSync(bin, { recursive: true });
  const binary = path.join(nodePackage, "bin/node");
  fs.rmSync(path.join(bin, "node"), { force: true });
  fs.symlinkSync(binary, path.join(bin, "node"));
  for (const command of ["npm", "npx"]) {
    const script = `#!/bin/sh\nexec "${binary}" "${npmPackage}/bin/${command}-cli.js" "$@"\n`;
    fs.writeFileSync(path.join(bin, command), script, { mode: 0o755 });
  }
  // What a login shell has, without the Node that runs this and without node_modules/.bin.
  return [bin, "/usr/local/bin", "/usr/bin", "/bin"].join(path.delimiter);
}

function unpack(specifier: string, folder: string): string {
  if (fs.existsSync(path.join(folder, "package.json"))) return folder;
  const parent = path.dirname(folder);
  fs.mkdirSync(parent, { recursive: true });
  const packed = execFileSync("npm", ["pack", "--silent", specifier], { cwd: parent, encoding: "utf8" });
  const archive = path.join(parent, packed.trim());
  const building = fs.mkdtempSync(`${folder}-`);
  execFileSync("tar", ["xzf", archive, "-C", building, "--strip-components=1"]);
  fs.renameSync(building, folder);
  fs.rmSync(archive);
  return folder;
}
