/** Puts the texts of a language wherever the page names one, and shows on its switch which language that is. */
export function putTexts(language: string, textOf: (name: string) => string): void {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll<HTMLElement>("[data-text]"))
    element.textContent = textOf(element.dataset["text"] ?? "");
  for (const element of document.querySelectorAll<HTMLElement>("[data-label]"))
    element.ariaLabel = textOf(element.dataset["label"] ?? "");
  for (const element of document.querySelectorAll<HTMLInputElement>("[data-placeholder]"))
    element.placeholder = textOf(element.dataset["placeholder"] ?? "");
  for (const button of document.querySelectorAll<HTMLElement>("[data-language]"))
    button.ariaPressed = String(button.dataset["language"] === language);
}
