import { describe, expect, it } from "vitest";
import * as managers from "#pages/managers/texts.ts";
import * as unsubscribe from "#pages/unsubscribe/texts.ts";
import * as welcome from "#pages/welcome/texts.ts";
import { englishIn } from "../words/english.ts";

describe.each([
  ["managers", managers.textsOf],
  ["welcome", welcome.textsOf],
  ["unsubscribe", unsubscribe.textsOf],
] as const)("the texts of the page %s", (_name, textsOf) => {
  it("are there in both languages, each in its own letters", () => {
    const [en, ru] = [textsOf("en"), textsOf("ru")].map((texts) => Object.entries(texts));
    expect(ru?.map(([key]) => key).sort()).toEqual(en?.map(([key]) => key).sort());
    expect(ru?.flatMap(([, text]) => englishIn(String(text)))).toEqual([]);
    // The name of the product alone is the same in both.
    expect(ru?.filter(([key, text]) => key !== "amocrm" && !/[а-яё]/i.test(String(text)))).toEqual([]);
    expect(en?.filter(([, text]) => /[а-яё]/i.test(String(text)))).toEqual([]);
  });
});
