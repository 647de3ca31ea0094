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
  const textOf = (key: string | undefined): string => (key === "brand" ? brand : texts[key as keyof Texts]);
  document.documentElement.lang = language;
  document.title = brand;
  for (const element of document.querySelectorAll<HTMLElement>("[data-text]"))
    element.textContent = textOf(element.dataset["text"]);
  for (const element of document.querySelectorAll<HTMLElement>("[data-label]"))
    element.ariaLabel = textOf(element.dataset["label"]);
  for (const button of document.querySelectorAll<HTMLElement>("[data-language]")) {
    button.ariaPressed = String(button.dataset["language"] === language);
  }
}
