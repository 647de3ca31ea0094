/** The element of page.html with this id and kind; throws when page and script do not fit together. */
export function part<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`The page has no ${kind.name} #${id}`);
  return element;
}

/** A new element with a class and text or children. Texts are never parsed as HTML. */
export function make(tag: string, className: string, ...content: (string | Node)[]): HTMLElement {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...content);
  return element;
}

/** Shows a notice, or hides it if the text is empty. */
export function tell(notice: HTMLElement, text: string, tone: "good" | "bad" | "plain" = "bad"): void {
  notice.textContent = text;
  notice.className = tone === "plain" ? "notice" : `notice ${tone}`;
  notice.hidden = text === "";
}
