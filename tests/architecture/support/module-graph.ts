import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DENO_FLAGS, denoEnvironment, localDeno } from "#dev/check/deno.ts";
import { REPOSITORY } from "./repository.ts";

/** One import of one module, as Deno's own parser sees it. */
export interface Import {
  /** Path of the importing module, relative to the repository. */
  from: string;
  /** As written: `./message.ts`, `zod`. */
  specifier: string;
  /** Path of the imported module relative to the repository; null when it could not be resolved. */
  to: string | null;
  /** True for `import type`: nothing of it is left at run time. */
  isTypeOnly: boolean;
  /** True for `import(…)`: it is loaded when a call comes to it, if one does. */
  isLate: boolean;
}

interface DenoInfo {
  modules: {
    specifier: string;
    error?: string;
    dependencies?: {
      specifier: string;
      code?: { specifier?: string };
      type?: { specifier?: string };
      isDynamic?: boolean;
    }[];
  }[];
}

/**
 * Every import of our own modules that can be reached from the files, types included. Absolute paths go in. Asks
 * Deno, because a search by pattern would miss what it does not know. An unreadable module throws.
 */
export function readImports(files: readonly string[]): Import[] {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "module-graph-"));
  try {
    const root = path.join(dir, "all.ts");
    fs.writeFileSync(root, files.map((file) => `import "${pathToFileURL(file)}";\n`).join(""));
    const answer = execFileSync(localDeno(), ["info", "--json", ...DENO_FLAGS, root], {
      cwd: REPOSITORY,
      env: denoEnvironment("graph"),
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    const own = (JSON.parse(answer) as DenoInfo).modules.filter(
      (module) => module.specifier.startsWith("file:") && !module.specifier.includes("/node_modules/"),
    );
    const broken = own.find((module) => module.error !== undefined);
    if (broken !== undefined) throw new Error(`${broken.specifier}: ${broken.error}`);
    return own
      .filter((module) => fileURLToPath(module.specifier) !== root)
      .flatMap((module) =>
        (module.dependencies ?? []).map(({ specifier, code, type, isDynamic }) => ({
          from: relative(module.specifier),
          specifier,
          to: relativeOrNull(code?.specifier ?? type?.specifier),
          isTypeOnly: code === undefined,
          isLate: isDynamic === true,
        })),
      );
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** The modules that a file needs, itself included, types included; paths relative to the repository. */
export function reachableFrom(file: string, imports: readonly Import[]): Set<string> {
  const reached = new Set([file]);
  // A set that grows while it is walked is walked to its new end.
  for (const from of reached) {
    for (const { to } of imports.filter((one) => one.from === from)) {
      if (to !== null && !to.startsWith("node_modules/")) reached.add(to);
    }
  }
  return reached;
}

function relative(specifier: string): string {
  return path.relative(REPOSITORY, fileURLToPath(specifier)).replaceAll(path.sep, "/");
}

function relativeOrNull(specifier: string | undefined): string | null {
  return specifier?.startsWith("file:") ? relative(specifier) : null;
}
