import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { functionSlugs, readText, sourceFiles } from "./support/repository.ts";

const config = parse(readText("supabase/config.toml"));
const sections = (config["functions"] ?? {}) as unknown as Record<string, unknown>;
const slugs = functionSlugs();

/** An entry point checks the caller, builds the ports and calls one use case; more is a rule in the wrong place. */
const MAX_ENTRY_LINES = 60;

describe("an edge function", () => {
  it("exists", () => {
    expect(slugs).not.toEqual([]);
  });

  it("has a folder and a section in config.toml, which deploys it", () => {
    expect(Object.keys(sections).sort()).toEqual(slugs);
  });

  it.each(slugs)("states all that the CLI would otherwise guess: %s", (slug) => {
    // Without verify_jwt a deploy keeps what the function had before; callers here carry keys, and the code checks them.
    expect(sections[slug]).toMatchObject({
      verify_jwt: expect.any(Boolean),
      import_map: "./functions/deno.json",
      entrypoint: `./functions/${slug}/index.ts`,
    });
  });

  it.each(slugs)("is thin: %s", (slug) => {
    const lines = readText(`supabase/functions/${slug}/index.ts`).trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(MAX_ENTRY_LINES);
  });

  it.each(slugs)("asks the Data API by a fetch that takes no empty 404 for success: %s", (slug) => {
    const text = readText(`supabase/functions/${slug}/index.ts`);
    const clients = text.match(/withSupabase\(/g) ?? [];
    expect(text.match(/withSupabase\(\s*\{\s*\.\.\.DATA_API,?/g) ?? []).toHaveLength(clients.length);
    expect(text).not.toMatch(/createClient\(|PostgrestClient\(/);
  });

  it("tells people its own address as platform/project.ts knows it: the platform's name for itself may be a container's", () => {
    const makers = sourceFiles(".ts")
      .filter(({ path, text }) => path.startsWith("supabase/functions/") && /\}\/functions\/v1/.test(text))
      .map(({ path }) => path);
    expect(makers.sort()).toEqual([
      "supabase/functions/_shared/admin/doctor/road.ts",
      "supabase/functions/_shared/platform/project.ts",
    ]);
  });

  it("has no deno.json, lock file or import map of its own, which would win over the shared one", () => {
    const own = sourceFiles("deno.json", "deno.jsonc", "deno.lock", "import_map.json", ".npmrc")
      .map((file) => file.path)
      .filter((file) => file.startsWith("supabase/"));
    expect(own).toEqual(["supabase/functions/deno.json"]);
  });
});
