import { describe, expect, it } from "vitest";
import { VERSION } from "../../supabase/functions/_shared/platform/version.ts";
import { readJson, sourceFiles } from "./support/repository.ts";

interface Package {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
}

interface Lock {
  lockfileVersion: number;
  packages: Record<
    string,
    { version?: string; resolved?: string; integrity?: string; link?: boolean; inBundle?: boolean }
  >;
}

const EXACT = /^(npm:(@[\w-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;

const manifest = readJson<Package>("package.json");
const lock = readJson<Lock>("package-lock.json");
const installed = Object.entries(lock.packages).filter(([place]) => place !== "");

describe("a version", () => {
  it("is exact for every package that package.json names", () => {
    const named = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    const loose = Object.entries(named).filter(([, version]) => !EXACT.test(version));
    expect(loose).toEqual([]);
  });

  it("is exact and has a checksum for every package in the lock file", () => {
    const loose = installed.filter(
      ([, entry]) => entry.link || !EXACT.test(entry.version ?? "") || (!entry.integrity && !entry.inBundle),
    );
    expect(loose.map(([place]) => place)).toEqual([]);
  });

  it("comes from the npm registry, or the mirror that npm is set to, and from nowhere else", () => {
    const foreign = installed.filter(
      ([, { resolved }]) => resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/"),
    );
    expect(foreign.map(([place, { resolved }]) => `${place}: ${resolved}`)).toEqual([]);
  });

  it("is in the lock file what package.json asks for", () => {
    expect(lock.packages[""]).toMatchObject({
      dependencies: manifest.dependencies,
      devDependencies: manifest.devDependencies,
      optionalDependencies: manifest.optionalDependencies,
    });
  });

  it("is the same for the functions, in deno.json, as for the tests, in package.json", () => {
    const { imports } = readJson<{ imports: Record<string, string> }>("supabase/functions/deno.json");
    expect(Object.keys(imports)).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
    const differing = Object.entries(imports).filter(([specifier, target]) => {
      // A sub-path, such as zod/mini, has a line of its own.
      const [, name = "", rest = ""] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(specifier) ?? [];
      return target !== `npm:${name}@${manifest.dependencies[name]}${rest}`;
    });
    expect(differing).toEqual([]);
  });

  it("is the same in package.json, the functions and the database, which doctor compares", () => {
    expect(readJson<{ version: string }>("package.json").version).toBe(VERSION);
    // The first installation has its own statement; each release after it ends with a call.
    const recorded = sourceFiles(".sql")
      .filter(({ path }) => path.startsWith("supabase/migrations/"))
      .toSorted((a, b) => a.path.localeCompare(b.path))
      .flatMap(({ text }) => [
        ...text.matchAll(
          /insert into amocrm\.installation \(version\) values \('([^']+)'\)|^select amocrm\.record_upgrade\('([^']+)'\)/gm,
        ),
      ]);
    expect(recorded.map(([, first, upgrade]) => first ?? upgrade).at(-1)).toBe(VERSION);
  });

  it("is pinned by deno.json alone: the hosted bundler refuses today's lock files", () => {
    expect(readJson("supabase/functions/deno.json")).toMatchObject({ lock: false });
    expect(readJson("supabase/functions/deno.json")).not.toHaveProperty("nodeModulesDir");
  });
});
