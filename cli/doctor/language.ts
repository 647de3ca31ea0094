import { usageFailure } from "../failure.ts";

/** The languages in which doctor speaks. */
export const LANGUAGES = ["en", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The language that was asked for, else that of the shell, else English. */
export function languageOf(
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Language {
  if (flag !== undefined) {
    const language = LANGUAGES.find((known) => known === flag);
    if (language === undefined) throw usageFailure(`--lang must be ${LANGUAGES.join(" or ")}`);
    return language;
  }
  // In the order in which the C library asks them; an empty one counts as not set.
  const locale = environment["LC_ALL"] || environment["LC_MESSAGES"] || environment["LANG"] || "";
  return /^ru([_.@-]|$)/i.test(locale) ? "ru" : "en";
}
