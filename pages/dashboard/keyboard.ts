import { make, part } from "../kit/element.ts";
import type { Tab } from "./route.ts";
import type { Texts } from "./texts.ts";

export interface KeyActions {
  refresh(): void;
  goTo(screen: Tab): void;
  /** The tabs that are shown, in their order. */
  tabs(): readonly Tab[];
  texts(): Texts;
}

/** Everything by keyboard: j and k through rows, / to search, r, numbers for the screens, ? for help. */
export function wireKeyboard(actions: KeyActions): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (target.closest("input, select, textarea, dialog[open]") !== null) {
      if (event.key === "Escape" && target.closest("dialog") === null) target.blur();
      return;
    }
    if (part("work-view", HTMLElement).hidden) return;
    const screen = actions.tabs()[Number(event.key) - 1];
    if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
    else if (event.key === "/") search(actions);
    else if (event.key === "r") actions.refresh();
    else if (event.key === "?") openHelp(actions);
    else if (screen !== undefined && /^\d$/.test(event.key)) actions.goTo(screen);
    else return;
    event.preventDefault();
  });
  part("help-open", HTMLButtonElement).addEventListener("click", () => openHelp(actions));
}

/** Where a screen has no search field, the messages have one. */
function search(actions: KeyActions): void {
  const field = document.querySelector<HTMLInputElement>("#search");
  if (field === null) actions.goTo("messages");
  else {
    field.focus();
    field.select();
  }
}

/** The next row becomes the chosen one, with the keyboard on its link. */
function step(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>("tr[data-row]")];
  if (rows.length === 0) return;
  const now = rows.findIndex((row) => row.ariaSelected === "true");
  const next = rows[Math.min(Math.max(now + by, 0), rows.length - 1)];
  for (const row of rows) row.ariaSelected = row === next ? "true" : null;
  next?.querySelector("a")?.focus();
}

function openHelp(actions: KeyActions): void {
  const texts = actions.texts();
  const keys: readonly (readonly [string, string])[] = [
    ["j, k", texts.keyJk],
    ["Enter", texts.keyEnter],
    ["/", texts.keySlash],
    ["r", texts.keyR],
    [`1 – ${actions.tabs().length}`, texts.keyNumber],
    ["?", texts.keyHelp],
  ];
  part("help-keys", HTMLElement).replaceChildren(
    ...keys.flatMap(([key, words]) => [make("dt", "", make("kbd", "", key)), make("dd", "", words)]),
  );
  part("help", HTMLDialogElement).showModal();
}
