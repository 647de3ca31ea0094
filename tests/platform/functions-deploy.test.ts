import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functionSources } from "#dev/check/deno.ts";
import {
  FAKE_ACCESS_TOKEN,
  FAKE_PROJECT_REF,
  type FakeManagementApi,
  startFakeManagementApi,
} from "#dev/platform/fake-management-api.ts";
import { copyProject, requireSupabaseCli } from "#dev/platform/supabase-cli.ts";
import { reachableFrom, readImports } from "../architecture/support/module-graph.ts";
import { functionSlugs, readText } from "../architecture/support/repository.ts";

const IMPORT_MAP = "supabase/functions/deno.json";
const slugs = functionSlugs();
const imports = readImports(functionSources());

let projectDir: string;
let api: FakeManagementApi;

beforeAll(async () => {
  projectDir = copyProject();
  api = await startFakeManagementApi(projectDir);
  const args = ["functions", "deploy", "--use-api", `--remote=${FAKE_PROJECT_REF}`, "--yes"];
  await requireSupabaseCli([...args, "--profile", api.profilePath], {
    projectDir,
    env: { SUPABASE_ACCESS_TOKEN: FAKE_ACCESS_TOKEN },
  });
});

afterAll(async () => {
  await api.close();
  fs.rmSync(projectDir, { recursive: true, force: true });
});

describe("supabase functions deploy --use-api", () => {
  it("deploys every function that there is, and there are some", () => {
    expect(slugs, "no folder under supabase/functions has an index.ts").not.toEqual([]);
    expect([...api.functions.keys()].sort()).toEqual(slugs);
  });

  it("asks the platform for nothing that the stand-in does not know", () => {
    expect(api.unknownRequests).toEqual([]);
  });

  it.each(slugs)("uploads each file that Deno needs for it and no other: %s", (slug) => {
    const needed = reachableFrom(`supabase/functions/${slug}/index.ts`, imports);
    const uploaded = [...(api.functions.get(slug)?.files.keys() ?? [])];
    expect(uploaded.sort()).toEqual([...needed, IMPORT_MAP].sort());
  });

  it.each(slugs)("uploads them unchanged: %s", (slug) => {
    for (const [file, text] of api.functions.get(slug)?.files ?? []) {
      expect(text, file).toBe(readText(path.normalize(file)));
    }
  });

  it.each(slugs)(
    "names the entry point and the import map, and leaves the check of keys to the function: %s",
    (slug) => {
      expect(api.functions.get(slug)).toMatchObject({
        entrypointPath: `supabase/functions/${slug}/index.ts`,
        importMapPath: IMPORT_MAP,
        verifyJwt: false,
      });
    },
  );
});
