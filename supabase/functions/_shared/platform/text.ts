/** The languages in which the product speaks to people. */
export const LANGUAGES = ["en", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * A text in every language, so that one without its translation does not compile. `{name}` stands for a fact, and
 * `{count|message|messages}`, in Russian `{count|сообщение|сообщения|сообщений}`, for the word that goes with a number.
 */
export type Text = Readonly<Record<Language, string>>;

/** What fills a text; another text is said in the same language. */
export type Facts = Readonly<Record<string, string | number | Text>>;

/** The texts of an area, by name. */
export type Texts = Readonly<Record<string, Text>>;

/** Says a text in the language of whoever reads it. */
export type Say = (text: Text, facts?: Facts) => string;

export function sayIn(language: Language): Say {
  return (text, facts = {}) => fill(text[language], language, facts);
}

/** The text with its facts in it, for whoever does not know yet which language is read. */
export function filled(text: Text, facts: Facts): Text {
  return { en: sayIn("en")(text, facts), ru: sayIn("ru")(text, facts) };
}

/** What is the same in every language: a name, an address, a number. */
export function same(words: string): Text {
  return { en: words, ru: words };
}

/** Texts one after the other. */
export function joined(texts: readonly Text[], separator: string): Text {
  return {
    en: texts.map(({ en }) => en).join(separator),
    ru: texts.map(({ ru }) => ru).join(separator),
  };
}

function fill(template: string, language: Language, facts: Facts): string {
  return template.replace(/\{(\w+)((?:\|[^{}|]*)*)\}/g, (whole, name: string, forms: string) => {
    const fact = facts[name];
    if (fact === undefined) return whole;
    if (forms !== "") return formOf(Number(fact), language, forms.slice(1).split("|")) ?? whole;
    return typeof fact === "object" ? fact[language] : String(fact);
  });
}

/**
 * The form for a number, one of two in English and of three in Russian. Not by Intl.PluralRules: Deno's builds lack the
 * rules of some languages, and then answer by those of English without a word.
 */
function formOf(count: number, language: Language, forms: readonly string[]): string | undefined {
  if (language === "en") return count === 1 ? forms[0] : forms[1];
  const [ones, tens] = [count % 10, count % 100];
  if (ones === 1 && tens !== 11) return forms[0];
  const isFew = ones >= 2 && ones <= 4 && (tens < 12 || tens > 14);
  return isFew ? forms[1] : forms[2];
}
