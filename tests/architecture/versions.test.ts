import { describe, expect, it } from "vitest";
import { VERSION } from "#shared/platform/version.ts";
import { readJson, sourceFiles } from "./support/repository.ts";

interface Package {
  allowScripts: Record<string, boolean>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
}

interface Lock {
  lockfileVersion: number;
  packages: Record<
    string,
    {
      version?: string;
      resolved?: string;
      integrity?: string;
      link?: boolean;
      inBundle?: boolean;
      engines?: unknown;
      hasInstallScript?: boolean;
      name?: string;
      os?: string[];
      cpu?: string[];
    }
  >;
}

const EXACT = /^(npm:(@[\w-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;

const manifest = readJson<Package>("package.json");
const lock = readJson<Lock>("package-lock.json");
const installed = Object.entries(lock.packages).filter(([place]) => place !== "");

describe("a version", () => {
  it("is what is installed of each package that the functions name, those that others need included", () => {
    const differing = Object.entries(manifest.dependencies).filter(
      ([name, version]) => lock.packages[`node_modules/${name}`]?.version !== version,
    );
    expect(differing).toEqual([]);
  });

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

  it("asks nothing of the host's Node, since the project brings one: npm run trim-lock", () => {
    const asking = installed.filter(([, { engines }]) => engines !== undefined);
    expect(asking.map(([place]) => place)).toEqual([]);
  });

  it("runs no script at installation, and package.json says so for each package that would", () => {
    const supported = (list: string[] | undefined, names: string[]): boolean =>
      list === undefined || names.some((name) => list.includes(name));
    const scripted = installed
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .filter(([, { os, cpu }]) => supported(os, ["linux", "darwin"]) && supported(cpu, ["x64", "arm64"]))
      .map(([place, { name }]) => name ?? place.slice(place.lastIndexOf("node_modules/") + 13));
    expect(manifest.allowScripts).toEqual(Object.fromEntries(scripted.map((name) => [name, false])));
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
    const named = Object.values(imports).map((target) => /^npm:((?:@[^/]+\/)?[^/@]+)@/.exec(target)?.[1]);
    expect(new Set(named)).toEqual(new Set(Object.keys(manifest.dependencies)));
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

  it("is pinned without a lock file where it is deployed: the way there takes none (ADR 0006)", () => {
    expect(readJson("supabase/functions/deno.json")).toMatchObject({ lock: false });
    expect(readJson("supabase/functions/deno.json")).not.toHaveProperty("nodeModulesDir");
  });
});
