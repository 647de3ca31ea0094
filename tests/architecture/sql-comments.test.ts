import { describe, expect, it } from "vitest";
import { sourceFiles } from "./support/repository.ts";

/** `psql` and the SQL reference show a comment alone, so it must be understood alone, and at a glance. */
const MAX_WORDS = 25;
/** Openings that lean on a line above. */
const LEANS =
  /^(But|And|It|Its|The same|Same|They|Their|This|That|These|Those|Also|Then|So|Else|Or|As|Likewise|By it|Both|Such|Null:)\b/;
/** Words of ours where others have a standard one: return, report, channel, settled, check. */
const DIALECT = /\b(told|tells?|roads?|landed|(a|one|the|each) look)\b(?! up)/i;

const comments = sourceFiles(".sql").flatMap(({ path: file, text }) =>
  [...text.matchAll(/comment on (\w+ [^;]*?)\s+is\s+((?:'(?:[^']|'')*'\s*)+);/gi)].map(
    ([, object = "", literals = ""]) => ({
      place: `${file}: ${object.replace(/\s+/g, " ")}`,
      text: [...literals.matchAll(/'((?:[^']|'')*)'/g)]
        .map(([, part = ""]) => part.replaceAll("''", "'"))
        .join(""),
    }),
  ),
);

const placesOf = (isBad: (text: string) => boolean): string[] =>
  comments.filter(({ text }) => isBad(text)).map(({ place, text }) => `${place}: ${text}`);

describe("a comment on an SQL object", () => {
  it("is found by this test", () => {
    const statements = sourceFiles(".sql").flatMap(({ text }) => text.match(/^comment on /gim) ?? []);
    expect(comments.length).toBeGreaterThan(700);
    expect(comments.length).toBe(statements.length);
  });

  it(`has at most ${MAX_WORDS} words`, () => {
    expect(placesOf((text) => text.split(/\s+/).length > MAX_WORDS)).toEqual([]);
  });

  it("ends with a full stop, or with the question that a view answers", () => {
    const others = comments.filter(({ place }) => !/: view /.test(place)).map(({ text }) => text);
    expect(others.filter((text) => !text.endsWith("."))).toEqual([]);
    expect(placesOf((text) => !/[.?]$/.test(text))).toEqual([]);
  });

  it("stands alone: it does not begin with a word that needs the line above", () => {
    expect(placesOf((text) => LEANS.test(text))).toEqual([]);
  });

  it("uses the standard word where there is one", () => {
    expect(placesOf((text) => DIALECT.test(text))).toEqual([]);
  });
});
