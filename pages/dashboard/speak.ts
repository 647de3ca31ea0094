import { putTexts } from "../kit/put-texts.ts";
import type { Language, Texts } from "./texts.ts";
import { textsOf } from "./texts.ts";

const STORAGE_KEY = "dashboard.language";

export function preferredLanguage(): Language {
  const stored = localStorage.getItem(STORAGE_KEY);
  if (stored === "ru" || stored === "en") return stored;
  return navigator.language.toLowerCase().startsWith("ru") ? "ru" : "en";
}

/** Remembers the language and puts its texts wherever the page names one. */
export function speak(language: Language, company: string): void {
  localStorage.setItem(STORAGE_KEY, language);
  const texts = textsOf(language);
  const brand = `${company} · ${texts.brand}`;
  document.title = brand;
  putTexts(language, (name) => (name === "brand" ? brand : texts[name as keyof Texts]));
}
