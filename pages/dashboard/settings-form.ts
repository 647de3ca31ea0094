import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { button, choice, field } from "./pieces.ts";
import { settingWord } from "./words.ts";

/** A column of a row of settings. An empty field of one that may be null means null. */
export interface Column {
  name: string;
  type: "number" | "text" | "time" | "flag" | "language";
  isNullable?: boolean;
}

type Value = string | number | boolean | null;

/** The settings of a row as a form. Only what was changed is sent; the database decides whether it is sound. */
export function settingsForm(
  desk: Desk,
  known: Readonly<Record<string, unknown>>,
  columns: readonly Column[],
  change: string,
): HTMLElement {
  const { texts } = desk;
  const controls = columns.map((column) => ({
    column,
    control: controlOf(desk, column, known[column.name]),
  }));
  const save = button(texts.save, "main", () => {
    const changes: Record<string, Value> = {};
    for (const { column, control } of controls) {
      if (control.value !== shown(column, known[column.name]))
        changes[column.name] = typedValue(column, control.value);
    }
    if (Object.keys(changes).length > 0) void desk.act(change, { p_changes: changes });
  });
  const form = make(
    "div",
    "filters",
    ...controls.map(({ column, control }) => field(settingWord(desk.language, column.name), control)),
  );
  return make("div", "stack", form, ...(desk.mayChange ? [make("div", "row", save)] : []));
}

function shown({ type }: Column, value: unknown): string {
  if (value === null || value === undefined) return "";
  return type === "time" ? String(value).slice(0, 5) : String(value);
}

function typedValue({ type, isNullable }: Column, text: string): Value {
  if (text.trim() === "" && (isNullable === true || type === "number")) return null;
  if (type === "number") return typedNumber(text);
  return type === "flag" ? text === "true" : text.trim();
}

/** What is no number goes as it was typed, and the database refuses it: as null it would mean "no limit". */
export function typedNumber(text: string): number | string {
  const typed = text.trim();
  return typed === "" || Number.isNaN(Number(typed)) ? typed : Number(typed);
}

function controlOf(desk: Desk, column: Column, value: unknown): HTMLInputElement | HTMLSelectElement {
  const { texts, mayChange } = desk;
  const now = shown(column, value);
  if (column.type === "flag" || column.type === "language") {
    const options: (readonly [string, string])[] =
      column.type === "flag"
        ? [
            ["false", texts.no],
            ["true", texts.yes],
          ]
        : [
            ["ru", "русский"],
            ["en", "English"],
          ];
    const select = choice([...(column.isNullable ? [["", texts.automatic] as const] : []), ...options], now);
    select.disabled = !mayChange;
    return select;
  }
  const input = document.createElement("input");
  if (column.type === "time") input.type = "time";
  if (column.type === "number") input.inputMode = "numeric";
  input.value = now;
  input.readOnly = !mayChange;
  return input;
}
