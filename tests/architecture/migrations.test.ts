import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readOurs } from "#cli/uninstall/ours.ts";
import { migrationFiles } from "#dev/schemas/migration-files.ts";
import { schemaFiles } from "#dev/schemas/schema-files.ts";
import { linesWith, REPOSITORY, readText, sourceFiles } from "./support/repository.ts";

const FOLDER = "supabase/migrations";
const names = fs.readdirSync(path.join(REPOSITORY, FOLDER)).sort();
const versions = names.map((name) => name.slice(0, 14));
const listed = schemaFiles();
const schemas = listed.map((file) => ({ ...file, path: `supabase/${file.path}` }));

/** The one place in SQL that reads the machine's clock. */
const CLOCK_FILE = "supabase/schemas/00-core/clock.sql";
/** Tables that a project may have, and use, before they are ours; `uninstall` leaves them. */
const KEPT_TABLES = readOurs().keptTables;

describe("a migration", () => {
  it("is named so that the CLI does not skip it", () => {
    // The CLI reads no sub-folder and passes over other names with a mere notice.
    expect(names.filter((name) => !/^\d{14}_[a-z_]+\.sql$/.test(name))).toEqual([]);
    expect(names).not.toEqual([]);
  });

  it("has a version of its own", () => {
    expect(versions.filter((version, index) => versions.indexOf(version) !== index)).toEqual([]);
  });

  it("is what npm run migrations makes of supabase/schemas; after a change run it", () => {
    const made = migrationFiles(listed);
    expect(names).toEqual(made.map(({ name }) => name).toSorted());
    for (const { name, text } of made) {
      expect(readText(`${FOLDER}/${name}`) === text, `${name} is not as it is made`).toBe(true);
    }
  });
});

describe("a schema file", () => {
  it("is listed in config.toml, once, and the areas follow each other by their numbers", () => {
    const files = sourceFiles(".sql").map((file) => file.path);
    expect(schemas.map((file) => file.path).toSorted()).toEqual(
      files.filter((file) => file.startsWith("supabase/schemas/")),
    );
    const areas = listed.map((file) => file.area);
    expect(areas).toEqual(areas.toSorted());
  });

  it("takes the time from amocrm.clock() only", () => {
    const wallClock =
      /\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(|\bcurrent_(timestamp|date|time)\b|\blocaltime(stamp)?\b|'(now|today|tomorrow|yesterday)'/i;
    const found = schemas
      .filter((file) => file.path !== CLOCK_FILE)
      .flatMap((file) => linesWith(file, wallClock));
    expect(found).toEqual([]);
  });

  it("opens with a comment that says what idea it holds", () => {
    expect(schemas.filter((file) => !file.text.startsWith("-- ")).map((file) => file.path)).toEqual([]);
  });

  it("defines each object whole: no column is added later, but to a table that may be a project's own", () => {
    const additions = schemas.flatMap(({ path: file, text }) =>
      [...text.matchAll(/^alter table (\S+)\s+add column\b[^;]*/gm)].map(
        ([statement, name = ""]) =>
          `${file}: ${name}${statement.includes("add column if not exists") ? "" : "!"}`,
      ),
    );
    expect(
      additions.filter((addition) => !KEPT_TABLES.some((name) => addition.endsWith(`public.${name}`))),
    ).toEqual([]);
    expect(additions.length).toBe(new Set(additions).size);
  });

  it("that alters a table in use finds it locked by the first file of its area, a moment at a time", () => {
    const alteration =
      /^(?:alter table public\.(\w+)|(?:create|drop) policy (?:if exists )?\w+ on public\.(\w+)|create trigger [^;]*? on public\.(\w+)|create (?:unique )?index [^;]*? on public\.(\w+))/gm;
    const behind: string[] = [];
    for (const { path: file, area, text } of schemas) {
      const first = schemas.find((other) => other.area === area)?.text ?? "";
      const head = /^(?:--.*\n)+\nselect amocrm\.lock_quickly\('access exclusive',([^;]*)\);/.exec(
        first,
      )?.[1];
      const altered = [...text.matchAll(alteration)].map(
        ([, ...names]) => names.find((name) => name !== undefined) ?? "",
      );
      const inUse = [...new Set(altered)].filter((name) => KEPT_TABLES.includes(name));
      behind.push(
        ...inUse.filter((name) => !head?.includes(`'public.${name}'`)).map((name) => `${file}: ${name}`),
      );
    }
    expect(behind).toEqual([]);
  });

  it("names no version of an extension, which the platform ignores", () => {
    expect(schemas.flatMap((file) => linesWith(file, /create extension .*\bversion\b/i))).toEqual([]);
  });
});
