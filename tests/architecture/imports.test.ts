import path from "node:path";
import { describe, expect, it } from "vitest";
import { functionSources } from "#dev/check/deno.ts";
import { type Import, readImports } from "./support/module-graph.ts";
import { linesWith, readJson, sourceFiles } from "./support/repository.ts";

const imports = readImports(functionSources());
const relativeImports = imports.filter(({ specifier }) => specifier.startsWith("."));
const shared = sourceFiles(".ts").filter((file) => file.path.startsWith("supabase/functions/_shared/"));
const functions = sourceFiles(".ts").filter((file) => file.path.startsWith("supabase/functions/"));

const told = ({ from, specifier }: Import): string => `${from} imports ${specifier}`;

describe("a module of supabase/functions", () => {
  it("imports nothing from outside of supabase/functions, above all not dev, cli or tests", () => {
    const outside = relativeImports.filter(({ to }) => !to?.startsWith("supabase/functions/"));
    expect(outside.map(told)).toEqual([]);
  });

  it("imports no function: what two functions share is in _shared", () => {
    const crossing = relativeImports.filter(
      ({ from, to }) =>
        !to?.startsWith("supabase/functions/_shared/") && path.dirname(from) !== path.dirname(to ?? ""),
    );
    expect(crossing.map(told)).toEqual([]);
  });

  it("names packages and never a registry or an address", () => {
    const addresses = imports.filter(({ specifier }) => /^(npm|jsr|https?|data|node):/.test(specifier));
    expect(addresses.map(told)).toEqual([]);
  });

  it("names only packages, sub-paths included, that deno.json maps word for word", () => {
    // Deno would find others in node_modules here, and the hosted bundler, which has none, would not.
    const { imports: mapped } = readJson<{ imports: Record<string, string> }>("supabase/functions/deno.json");
    const unmapped = imports.filter(
      ({ from, specifier }) =>
        from.startsWith("supabase/functions/") && !specifier.startsWith(".") && !(specifier in mapped),
    );
    expect(unmapped.map(told)).toEqual([]);
  });

  it("writes .ts in a relative import, as the CLI's search for files needs", () => {
    const bare = relativeImports.filter(({ specifier }) => !specifier.endsWith(".ts"));
    expect(bare.map(told)).toEqual([]);
  });

  it("spells out what it imports, also later than at its start: a computed import would not be deployed", () => {
    const computed = /\bimport\s*\((?!"\.{1,2}\/[^"]+\.ts"\))|\brequire\s*\(/;
    expect(functions.flatMap((file) => linesWith(file, computed))).toEqual([]);
  });

  it("imports later only where a function is wired, so that what a call loads is told in one place", () => {
    const late = functions.filter(
      ({ path: file }) => !/^supabase\/functions\/[a-z-]+\/index\.ts$/.test(file),
    );
    expect(late.flatMap((file) => linesWith(file, /\bimport\s*\(/))).toEqual([]);
  });
});

describe("what is outside of the program", () => {
  it("is Deno's and the edge runtime's only in index.ts and _shared/platform", () => {
    const inside = functions.filter(
      ({ path: file }) =>
        !file.endsWith("/index.ts") && !file.startsWith("supabase/functions/_shared/platform/"),
    );
    expect(inside.flatMap((file) => linesWith(file, /\b(Deno|EdgeRuntime)\b/))).toEqual([]);
  });

  it("is time and chance only in _shared/platform/clock.ts", () => {
    const inside = shared.filter(({ path: file }) => !file.endsWith("/platform/clock.ts"));
    const reading =
      /\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)|\bperformance\.now\(|\bset(Timeout|Interval)\(|\bcrypto\.(?!subtle\.)/;
    expect(inside.flatMap((file) => linesWith(file, reading))).toEqual([]);
  });
});

describe("a file outside of supabase/functions", () => {
  it("names another top-level folder by #, so that moving it changes no dots", () => {
    const others = sourceFiles(".ts").filter((file) => !file.path.startsWith("supabase/"));
    const reaching = others.flatMap((file) =>
      [...file.text.matchAll(/(?:from|import) ?\(?"(\.[^"]+)"/g)]
        .map(([, specifier = ""]) => path.posix.join(path.posix.dirname(file.path), specifier))
        .filter((target) => target.split("/")[0] !== file.path.split("/")[0])
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(reaching).toEqual([]);
  });
});
