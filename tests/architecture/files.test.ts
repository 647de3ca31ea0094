import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { REPOSITORY, sourceFiles } from "./support/repository.ts";

const MAX_FILE_LINES = 300;

/** Files that may be longer, each with its reason. */
const LONGER: Readonly<Record<string, string>> = {
  "supabase/functions/_shared/platform/database.types.ts": "made by npm run types, read by the compiler",
};

/** Top-level names for the reader; the CLI looks under supabase/ and follows no links there. */
const LINKS: Readonly<Record<string, string>> = {
  functions: "supabase/functions",
  migrations: "supabase/migrations",
};

describe("a file", () => {
  it(`has at most ${MAX_FILE_LINES} lines`, () => {
    const long = sourceFiles(".ts", ".sql")
      // Generated, an area a file; what is read and edited is supabase/schemas.
      .filter(({ path: file }) => !file.startsWith("supabase/migrations/"))
      .map(({ path: file, text }) => ({ file, lines: text.trimEnd().split("\n").length }))
      .filter(({ file, lines }) => lines > MAX_FILE_LINES && !(file in LONGER));
    expect(long).toEqual([]);
  });

  it("is excused from the ceiling only as long as it exists and needs it", () => {
    const needless = Object.keys(LONGER).filter((file) => {
      const place = path.join(REPOSITORY, file);
      if (!fs.existsSync(place)) return true;
      return fs.readFileSync(place, "utf8").trimEnd().split("\n").length <= MAX_FILE_LINES;
    });
    expect(needless).toEqual([]);
  });

  it("has a name in kebab-case", () => {
    const others = sourceFiles(".ts")
      .map(({ path: file }) => file)
      .filter((file) => !/^([a-z0-9-]+\/|_shared\/)*[a-z0-9-]+(\.(test|types|deno))?\.ts$/.test(file));
    expect(others).toEqual([]);
  });
});

describe("a link at the top", () => {
  it.each(Object.entries(LINKS))("is relative and leads to the real folder: %s", (link, target) => {
    expect(fs.readlinkSync(path.join(REPOSITORY, link))).toBe(target);
    expect(fs.realpathSync(path.join(REPOSITORY, link))).toBe(fs.realpathSync(path.join(REPOSITORY, target)));
    expect(fs.lstatSync(path.join(REPOSITORY, target)).isDirectory()).toBe(true);
  });

  it("is the only kind of link: nothing under supabase/ is one, which a deploy would leave out", () => {
    const links = fs
      .readdirSync(path.join(REPOSITORY, "supabase"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink())
      .map((entry) => entry.name);
    expect(links).toEqual([]);
  });
});
