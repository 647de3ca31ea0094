import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { hostedDeno, localDeno } from "#dev/check/deno.ts";
import { readImports } from "./support/module-graph.ts";
import { linesWith, REPOSITORY, sourceFiles } from "./support/repository.ts";

const versionOf = (binary: string): string => execFileSync(binary, ["--version"], { encoding: "utf8" });

describe("the tools of the check and of the tests", () => {
  it("are the Deno of development and the level that the platform declares", () => {
    expect(versionOf(localDeno())).toMatch(/^deno 2\.9\.5 /);
    const hosted = hostedDeno();
    if (hosted !== null) expect(versionOf(hosted)).toMatch(/^deno 2\.1\.4 /);
  });

  it("see types and values apart when they read imports", () => {
    const imports = readImports([`${REPOSITORY}/supabase/functions/_shared/admin/store.ts`]);
    const from = "supabase/functions/_shared/admin/store.ts";
    expect(imports).toContainEqual(expect.objectContaining({ from, specifier: "zod", isTypeOnly: false }));
    expect(imports).toContainEqual(
      expect.objectContaining({ from, specifier: "../amocrm/drain.ts", isTypeOnly: true }),
    );
  });

  it("pass over comments and keep the line numbers when they search text", () => {
    const typescript = { path: "a.ts", text: "/* now()\n */\n// now()\nnow();" };
    expect(linesWith(typescript, /now\(/)).toEqual(["a.ts:4"]);
    expect(linesWith({ path: "a.sql", text: "-- now()\nselect now()" }, /now\(/)).toEqual(["a.sql:2"]);
  });

  it("empty tables beside running functions in one way, which cannot end in a deadlock", () => {
    const others = sourceFiles(".ts")
      .filter(({ path: file }) => /^tests\/(stack|browser)\//.test(file) && !file.endsWith("/truncate.ts"))
      .flatMap((file) => linesWith(file, /`truncate /));
    expect(others).toEqual([]);
  });

  it("refuse to check nothing", () => {
    expect(() => sourceFiles(".ending-that-no-file-has")).toThrow("No file ends with");
  });
});
