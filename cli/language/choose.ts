import { LANGUAGES, type Language, type Text } from "#shared/platform/text.ts";
import { usageFailure } from "../failure.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const UNKNOWN: Text = {
  en: `--lang must be ${LANGUAGES.join(" or ")}`,
  ru: `--lang может быть ${LANGUAGES.join(" или ")}`,
};

/** The language that was asked for, else that of the shell, else English. */
export function languageOf(flag: string | undefined, environment: Environment): Language {
  if (flag !== undefined) {
    const language = LANGUAGES.find((known) => known === flag);
    if (language === undefined) throw usageFailure(UNKNOWN);
    return language;
  }
  // In the order in which the C library asks them; an empty one counts as not set.
  const locale = environment["LC_ALL"] || environment["LC_MESSAGES"] || environment["LANG"] || "";
  return /^ru([_.@-]|$)/i.test(locale) ? "ru" : "en";
}

/** What was typed behind `--lang`, before anything else is understood: help and refusals are in that language as well. */
export function languageFlagOf(argv: readonly string[]): string | undefined {
  const index = argv.findLastIndex((word) => word === "--lang" || word.startsWith("--lang="));
  const word = argv[index];
  return word?.startsWith("--lang=") === true ? word.slice("--lang=".length) : argv[index + 1 || argv.length];
}
