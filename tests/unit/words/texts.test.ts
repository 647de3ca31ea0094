import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { filled, joined, LANGUAGES, same, sayIn, type Text } from "#shared/platform/text.ts";

const ROOT = path.join(import.meta.dirname, "../../..");
/** Where tables of texts stand. */
const FOLDERS = ["cli/words", "dev/words", "supabase/functions/_shared/watch/words"];

/** What works with the tables, and is none. */
const MACHINERY: ReadonlySet<string> = new Set(["said.ts", "all-said.ts"]);

const files = FOLDERS.flatMap((folder) =>
  fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !MACHINERY.has(name))
    .map((name) => path.join(folder, name)),
);

/** Every text of a file, by the place where it stands. */
async function textsOf(file: string): Promise<[place: string, text: Text][]> {
  const module: Record<string, unknown> = await import(path.join(ROOT, file));
  const walk = (value: unknown, place: string): [string, Text][] => {
    if (typeof value !== "object" || value === null) return [];
    if ("en" in value || "ru" in value) return [[place, value as Text]];
    return Object.entries(value).flatMap(([key, one]) => walk(one, `${place}.${key}`));
  };
  return Object.entries(module).flatMap(([name, value]) => walk(value, name));
}

const placesIn = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)[^{}]*\}/g)].map(([, name = ""]) => name))].sort();

/** Words of a sentence, without what is the same in every language: commands, names, placeholders, addresses. */
const proseIn = (text: string): string =>
  text
    .replace(/\b(np[mx] (run )?|select |update |insert |delete |alter )[^\n;]*/g, " ")
    .replace(
      /`[^`]*`|\{[^{}]*\}|<[^<>]*>|https?:\S+|--[\w-]+|amoCRM|[\w.*-]*[_./][\w.*/-]*|[A-Z][\w-]*/g,
      " ",
    );

describe.each(files)("the texts of %s", (file) => {
  it("are there in every language, each in its own letters, and tell the same facts", async () => {
    const texts = await textsOf(file);
    expect(texts.length).toBeGreaterThan(0);
    for (const [place, text] of texts) {
      expect([place, Object.keys(text).sort()]).toEqual([place, [...LANGUAGES].sort()]);
      expect([place, placesIn(text.ru)]).toEqual([place, placesIn(text.en)]);
      expect([place, /[а-яё]/i.test(text.en)]).toEqual([place, false]);
      const isProse = /[a-z]{2,}/.test(proseIn(text.en));
      if (isProse) expect([place, text.ru]).toEqual([place, expect.stringMatching(/[а-яё]/i)]);
    }
  });

  it("have the forms that go with a number: two in English, three in Russian", async () => {
    for (const [place, text] of await textsOf(file)) {
      const counts = (words: string): number[] => [
        ...new Set(
          [...words.matchAll(/\{\w+((?:\|[^{}|]*)+)\}/g)].map(
            ([, forms = ""]) => forms.split("|").length - 1,
          ),
        ),
      ];
      expect([place, counts(text.en).filter((count) => count !== 2)]).toEqual([place, []]);
      expect([place, counts(text.ru).filter((count) => count !== 3)]).toEqual([place, []]);
    }
  });
});

describe("a text", () => {
  it("takes facts, also other texts, in the reader's language", () => {
    const text: Text = {
      en: "{who} has {count} {count|lead|leads}",
      ru: "{who}: {count} {count|заявка|заявки|заявок}",
    };
    const who: Text = { en: "Nobody", ru: "Никто" };
    expect(sayIn("en")(text, { who, count: 1 })).toBe("Nobody has 1 lead");
    expect(sayIn("ru")(text, { who, count: 3 })).toBe("Никто: 3 заявки");
    expect(filled(text, { who, count: 5 })).toEqual({ en: "Nobody has 5 leads", ru: "Никто: 5 заявок" });
    expect(joined([who, same("x")], ", ")).toEqual({ en: "Nobody, x", ru: "Никто, x" });
  });

  it("shows a place without a fact as it stands", () => {
    expect(sayIn("en")(same("{nothing}"))).toBe("{nothing}");
  });

  it("chooses the form as Intl.PluralRules does, for every number", () => {
    const forms: Text = { en: "{n|one|other}", ru: "{n|one|few|many}" };
    for (const language of LANGUAGES) {
      const rules = new Intl.PluralRules(language);
      for (let n = 0; n <= 1200; n += 1)
        expect([n, sayIn(language)(forms, { n })]).toEqual([n, rules.select(n)]);
    }
  });
});
