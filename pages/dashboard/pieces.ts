import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { addressOf, type Route } from "./route.ts";

/** A section with a heading, and what stands beside it. */
export function card(title: string, beside: Node[], ...content: (Node | string)[]): HTMLElement {
  const heading = make("h2", "", title);
  return make("section", "card", make("div", "head", heading, make("div", "row", ...beside)), ...content);
}

export function facts(...pairs: readonly (readonly [string, string | Node])[]): HTMLElement {
  const list = document.createElement("dl");
  list.className = "facts";
  for (const [name, value] of pairs)
    list.append(make("div", "", make("dt", "", name), make("dd", "", value)));
  return list;
}

export function button(words: string, className: string, onPress: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = words;
  made.addEventListener("click", onPress);
  return made;
}

/** A link to another screen: opened here by a click, in a tab by the browser's own ways. */
export function wayTo(desk: Desk, route: Route, words: string | Node): HTMLAnchorElement {
  const link = document.createElement("a");
  link.href = addressOf(route);
  link.append(words);
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    desk.go(route);
  });
  return link;
}

interface Column {
  name: string;
  isNumber?: boolean;
  /** Never broken over lines, where there is room. */
  isShort?: boolean;
  /** On a phone: over the whole width. */
  isWhole?: boolean;
}

/** A table that becomes a list of blocks on a phone. */
export function table(
  label: string,
  columns: readonly Column[],
  rows: readonly (readonly (Node | string)[])[],
): HTMLTableElement {
  const made = document.createElement("table");
  made.className = "wrap";
  made.setAttribute("role", "table");
  made.ariaLabel = label;
  const head = make("tr", "");
  head.setAttribute("role", "row");
  for (const { name, isNumber } of columns) {
    const cell = make("th", isNumber ? "number" : "", name);
    cell.setAttribute("scope", "col");
    cell.setAttribute("role", "columnheader");
    head.append(cell);
  }
  const top = make("thead", "", head);
  top.setAttribute("role", "rowgroup");
  const body = make("tbody", "");
  body.setAttribute("role", "rowgroup");
  for (const row of rows) {
    const line = make("tr", "");
    line.setAttribute("role", "row");
    row.forEach((content, place) => {
      const column = columns[place];
      const cell = make("td", classesOf(column), content);
      cell.setAttribute("role", "cell");
      const isFilled = cell.textContent !== "" || cell.querySelector("input") !== null;
      if (column !== undefined && column.name !== "" && isFilled) cell.dataset["column"] = column.name;
      line.append(cell);
    });
    body.append(line);
  }
  made.append(top, body);
  return made;
}

function classesOf(column: Column | undefined): string {
  const { isNumber, isShort, isWhole } = column ?? {};
  return [isNumber && "number", isShort && "short", isWhole && "whole"].filter(Boolean).join(" ");
}

/** A field with its label around it. */
export function field(words: string, control: HTMLElement, className = ""): HTMLLabelElement {
  const label = document.createElement("label");
  label.className = className;
  label.append(words, control);
  return label;
}

export function choice(
  options: readonly (readonly [value: string, words: string])[],
  chosen: string,
): HTMLSelectElement {
  const select = document.createElement("select");
  for (const [value, words] of options)
    select.append(new Option(words, value, value === chosen, value === chosen));
  return select;
}
