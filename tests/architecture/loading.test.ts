import { describe, expect, it } from "vitest";
import { functionSources } from "#dev/check/deno.ts";
import { readImports } from "./support/module-graph.ts";
import { functionSlugs, readText } from "./support/repository.ts";

/** What is there at run time before a call has come: neither types nor what is imported later. */
const imports = readImports(functionSources()).filter(({ isTypeOnly }) => !isTypeOnly);
const atOnce = imports.filter(({ isLate }) => !isLate);
const entryOf = (slug: string): string => `supabase/functions/${slug}/index.ts`;
const slugs = functionSlugs();

/** Each worker of a function pays for these before its first answer. */
const MAX_CRON_MODULES = 30;
/** Those who take a user's token, or ask the auth service; for all others the Data API alone is enough. */
const SIGNED_IN = [
  "amocrm-admin",
  "amocrm-oauth",
  "tripwire-certificate",
  "tripwire-students",
  "tripwire-welcome",
];

/** Our own modules and the packages that a function loads at its start, or by other imports. */
function loadedBy(slug: string, by = atOnce): { own: string[]; packages: string[] } {
  const own = new Set([entryOf(slug)]);
  const packages = new Set<string>();
  // A set that grows while it is walked is walked to its new end.
  for (const from of own) {
    for (const { specifier, to } of by.filter((one) => one.from === from)) {
      if (!specifier.startsWith(".")) packages.add(specifier);
      else if (to !== null) own.add(to);
    }
  }
  return { own: [...own], packages: [...packages].sort() };
}

describe("what a function loads before its first answer", () => {
  const crons = slugs.filter(
    (slug) => /\bserve\(/.test(readText(entryOf(slug))) && readText(entryOf(slug)).includes("cronAnswer("),
  );

  it("is asked of every function that cron calls", () => {
    expect(crons).toEqual([
      "amocrm-drain",
      "amocrm-pull",
      "loyalty-pull",
      "message-drain",
      "sms-drain",
      "unisender-drain",
    ]);
  });

  it.each(crons)("is not what works behind the answer: %s", (slug) => {
    const { own, packages } = loadedBy(slug);
    expect(
      own.filter((file) => /\/(?:engine|handlers|composers|deliver|drain|pull|connection)\.ts$/.test(file)),
    ).toEqual([]);
    expect(own.length, own.join(", ")).toBeLessThanOrEqual(MAX_CRON_MODULES);
    expect(packages).toEqual(["@supabase/postgrest-js", "zod"]);
  });

  it("is supabase-js and what verifies users only where somebody signs in", () => {
    const loading = slugs.filter((slug) => loadedBy(slug).packages.includes("@supabase/server"));
    expect(loading).toEqual(SIGNED_IN);
  });

  it("has every package that comes later: what is not named at the start, Deno takes in another version", () => {
    const late = slugs.map((slug) => ({
      slug,
      packages: loadedBy(slug, imports).packages.filter((name) => !loadedBy(slug).packages.includes(name)),
    }));
    expect(late.filter(({ packages }) => packages.length > 0)).toEqual([]);
  });
});
