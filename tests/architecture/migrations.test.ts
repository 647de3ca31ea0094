import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { linesWith, REPOSITORY, sourceFiles } from "./support/repository.ts";

const FOLDER = "supabase/migrations";
const names = fs.readdirSync(path.join(REPOSITORY, FOLDER)).sort();
const migrations = sourceFiles(".sql").filter((file) => file.path.startsWith(`${FOLDER}/`));
const versions = names.map((name) => name.slice(0, 14));

/** The one place in SQL that reads the machine's clock. */
const CLOCK_FILE = `${FOLDER}/20261121000200_clock.sql`;
/** A default of this file was written before the clock was there; the clock's file replaces it, see below. */
const BEFORE_THE_CLOCK = `${FOLDER}/20261121000100_schemas.sql`;

describe("a migration", () => {
  it("is named so that the CLI does not skip it", () => {
    // The CLI reads no sub-folder and passes over other names with a mere notice.
    expect(names.filter((name) => !/^\d{14}_[a-z_]+\.sql$/.test(name))).toEqual([]);
    expect(names).not.toEqual([]);
  });

  it("has a version of its own", () => {
    expect(versions.filter((version, index) => versions.indexOf(version) !== index)).toEqual([]);
  });

  it("takes the time from amocrm.clock() only", () => {
    const wallClock =
      /\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(|\bcurrent_(timestamp|date|time)\b|\blocaltime(stamp)?\b|'(now|today|tomorrow|yesterday)'/i;
    const found = migrations
      .filter((file) => file.path !== CLOCK_FILE)
      .flatMap((file) => linesWith(file, wallClock));
    expect(found.map((place) => place.replace(/:\d+$/, ""))).toEqual([BEFORE_THE_CLOCK]);
  });

  it("replaces the one default that was written before the clock was there", () => {
    const clockFile = migrations.find((file) => file.path === CLOCK_FILE);
    expect(clockFile?.text).toContain(
      "alter table amocrm.installation alter column installed_at set default amocrm.clock()",
    );
  });

  it("opens with a comment that says what idea it holds", () => {
    expect(migrations.filter((file) => !file.text.startsWith("-- ")).map((file) => file.path)).toEqual([]);
  });

  it("names no version of an extension, which the platform ignores", () => {
    expect(migrations.flatMap((file) => linesWith(file, /create extension .*\bversion\b/i))).toEqual([]);
  });
});
