import { localDay } from "./local-day.ts";

/** The languages of templates. */
export type Language = "ru" | "kk" | "en";

/*
 * Formats of our own: Deno has no Kazakh locale and falls back to English without an error, which nobody notices before a
 * client does. What is fixed here is the same on every runtime.
 */
const MONTHS: Readonly<Record<Language, readonly string[]>> = {
  ru: "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(" "),
  kk: "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан".split(" "),
  en: "January February March April May June July August September October November December".split(" "),
};
const SYMBOLS: Readonly<Record<string, string>> = { KZT: "₸", RUB: "₽", USD: "$", EUR: "€" };
/** Keeps a number in one line. */
const NO_BREAK_SPACE = "\u{a0}";

/** An amount with its currency, such as `12 500 ₸`; null for what is no number. */
export function formatMoney(value: unknown, currency: string, language: Language): string | null {
  const amount = typeof value === "number" ? value : Number(String(value ?? "").replace(/\s/g, "") || "x");
  if (!Number.isFinite(amount)) return null;
  const [whole = "", cents = ""] = Math.abs(amount)
    .toFixed(Number.isInteger(amount) ? 0 : 2)
    .split(".");
  const groups = whole.replace(/\B(?=(?:\d{3})+$)/g, language === "en" ? "," : NO_BREAK_SPACE);
  const fraction = cents === "" ? "" : `${language === "en" ? "." : ","}${cents}`;
  const number = `${amount < 0 ? "−" : ""}${groups}${fraction}`;
  return `${number}${NO_BREAK_SPACE}${SYMBOLS[currency] ?? currency}`;
}

/** A day in words, such as `5 мая 2026 г.`; of a moment the day in the school's zone. Null for what is no date. */
export function formatDate(value: unknown, zone: string, language: Language): string | null {
  const day = localDay(value, zone);
  if (day === null) return null;
  const month = MONTHS[language][day.month - 1] ?? "";
  if (language === "kk") return `${day.year} ж. ${day.day} ${month}`;
  return language === "ru" ? `${day.day} ${month} ${day.year} г.` : `${day.day} ${month} ${day.year}`;
}

/** A count with its word: Russian has three forms, English two, and Kazakh one after every number. */
export function formatCount(value: unknown, forms: readonly string[], language: Language): string | null {
  const count = Number(value);
  if (!Number.isInteger(count) || value === "" || value === null) return null;
  const form = forms[formOf(Math.abs(count), language)] ?? forms.at(-1) ?? "";
  return `${count}${NO_BREAK_SPACE}${form}`;
}

function formOf(count: number, language: Language): number {
  if (language === "kk") return 0;
  if (language === "en") return count === 1 ? 0 : 1;
  const isTeen = count % 100 >= 11 && count % 100 <= 14;
  if (count % 10 === 1 && !isTeen) return 0;
  return count % 10 >= 2 && count % 10 <= 4 && !isTeen ? 1 : 2;
}
