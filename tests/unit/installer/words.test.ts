import { describe, expect, it } from "vitest";
import { MODULES } from "#installer/modules.ts";
import { EN } from "#installer/words-en.ts";
import { RU } from "#installer/words-ru.ts";
import { sourceFiles } from "../../architecture/support/repository.ts";
import { englishIn } from "../words/english.ts";

const text = sourceFiles(".ts")
  .filter(({ path }) => path.startsWith("installer/") && !path.startsWith("installer/words"))
  .map((file) => file.text)
  .join("\n");
const FACTS = new Proxy({}, { get: (_, name) => `§${String(name)}§` });

describe("the installer's sentences", () => {
  it("are there for each code that is told, in both languages, and for no other", () => {
    const told = [...text.matchAll(/\b(?:remark|tell)\(\s*"(\w+)"/g)].map(([, code = ""]) => code);
    const modules = ["module_unknown", "module_none"];
    expect([...new Set([...told, ...modules, "help"])].sort()).toEqual(Object.keys(EN).sort());
    expect(Object.keys(RU).sort()).toEqual(Object.keys(EN).sort());
  });

  it("have no English in Russian, nor Russian in English", () => {
    const spoken = (words: unknown): string => String(typeof words === "function" ? words(FACTS) : words);
    const modules = MODULES.join(", ");
    expect(Object.keys(RU).flatMap((code) => englishIn(spoken(RU[code]).replace(modules, "")))).toEqual([]);
    expect(Object.keys(EN).filter((code) => /[а-яё]/i.test(spoken(EN[code])))).toEqual([]);
  });

  it("name the same facts in both", () => {
    const factsOf = (words: unknown): string[] =>
      typeof words === "function" ? [...new Set(String(words(FACTS)).match(/§\w+§/g))].sort() : [];
    const differing = Object.keys(EN).filter(
      (code) => String(factsOf(EN[code])) !== String(factsOf(RU[code])),
    );
    expect(differing).toEqual([]);
  });
});
