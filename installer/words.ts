import type { Language } from "#shared/platform/text.ts";
import type { Remark } from "./plan.ts";
import { EN } from "./words-en.ts";
import { RU } from "./words-ru.ts";

type Facts = Readonly<Record<string, string | number>>;

/** All that the command says, by code; the help is one text. */
export type Words = Readonly<{ help: string }> &
  Readonly<Record<string, string | ((facts: Facts) => string)>>;

export const WORDS: Readonly<Record<Language, Words>> = { en: EN, ru: RU };

/** A sentence; a code without one is a mistake of ours. */
export function say(language: Language, { code, facts }: Remark): string {
  const words = WORDS[language][code];
  if (typeof words !== "function") throw new Error(`No sentence for ${code}`);
  return words(facts);
}
