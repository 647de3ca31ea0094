import { execFile } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { denoEnvironment, functionSources, hostedDeno, localDeno } from "#dev/check/deno.ts";
import {
  type FakeNpmRegistry,
  type LockedPackages,
  nameAt,
  placesNeededBy,
  startFakeNpmRegistry,
} from "#dev/platform/fake-npm-registry.ts";
import { reachableFrom, readImports } from "../architecture/support/module-graph.ts";
import { functionSlugs, REPOSITORY, readJson } from "../architecture/support/repository.ts";
import { isDeep } from "../support/sizes.ts";
import { makeRunFolder } from "./support/run-folder.ts";

const { packages: lock } = readJson<{ packages: LockedPackages }>("package-lock.json");
const { dependencies } = readJson<{ dependencies: Record<string, string> }>("package.json");
const needed = placesNeededBy(Object.keys(dependencies), lock);
const locked = [...needed].map((place) => `${nameAt(place)}@${lock[place]?.version}`).sort();
/** Types are read where the functions are checked, and are no part of what is deployed. */
const withTypes = new Set([...needed, "node_modules/@types/pdfkit"]);
const names = new Set([...needed].map(nameAt));

const imports = readImports(functionSources());
/** What Deno takes depends on what it is asked for: one function of those that ask for the same is enough. */
const unlike = [...Map.groupBy(functionSlugs(), packagesAskedForBy).values()].flatMap(([slug = ""]) => slug);
const asked = isDeep ? functionSlugs() : unlike;

function packagesAskedForBy(slug: string): string {
  const files = reachableFrom(`supabase/functions/${slug}/index.ts`, imports);
  const specifiers = imports.filter(({ from }) => files.has(from)).map(({ specifier }) => specifier);
  return [...new Set(specifiers.filter((one) => !one.startsWith(".")))].sort().join(" ");
}

let registry: FakeNpmRegistry;
const cache = makeRunFolder("pinned-packages");

beforeAll(async () => {
  registry = await startFakeNpmRegistry(withTypes, lock);
});

afterAll(async () => {
  await registry.close();
  cache.remove();
});

/** What Deno takes for a function where there is neither a lock file nor node_modules, as where it is deployed. */
async function resolved(binary: string, slug: string): Promise<string[]> {
  const root = `supabase/functions/${slug}/index.ts`;
  const config = "supabase/functions/deno.json";
  const child = Promise.withResolvers<string>();
  execFile(
    binary,
    ["info", "--json", "--no-lock", "--node-modules-dir=none", "--config", config, root],
    {
      cwd: REPOSITORY,
      env: {
        ...denoEnvironment("pinned"),
        DENO_DIR: path.join(cache.dir, path.basename(path.dirname(binary))),
        DENO_NO_PACKAGE_JSON: "1",
        NPM_CONFIG_REGISTRY: registry.url,
      },
      maxBuffer: 64 * 1024 * 1024,
    },
    (error, stdout) => (error === null ? child.resolve(stdout) : child.reject(error)),
  );
  const { modules, npmPackages } = JSON.parse(await child.promise) as {
    modules: { specifier: string; error?: string }[];
    npmPackages: Record<string, { name: string; version: string }>;
  };
  expect(modules.filter(({ error }) => error !== undefined)).toEqual([]);
  return Object.values(npmPackages)
    .filter(({ name }) => names.has(name))
    .map(({ name, version }) => `${name}@${version}`);
}

const denos = [
  ["of the hosted runtime's level", hostedDeno()],
  ["of development", localDeno()],
] as const;

describe("a deploy when each package has a newer release", () => {
  it.each(denos.filter(([, binary]) => binary !== null))(
    "takes with Deno %s what was tested",
    async (_, binary) => {
      const deployed = new Set<string>();
      for (const slug of asked) {
        const taken = await resolved(binary as string, slug);
        expect(
          taken.filter((one) => !locked.includes(one)),
          slug,
        ).toEqual([]);
        for (const one of taken) deployed.add(one);
      }
      expect([...deployed].sort()).toEqual([...new Set(locked)]);
      expect(registry.unknownRequests).toEqual([]);
    },
    300_000,
  );
});
