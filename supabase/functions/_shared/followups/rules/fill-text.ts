import { formatCount, formatDate, formatMoney, type Language } from "./formats.ts";

/** What a text of a sequence is filled with. */
export interface Filling {
  /** For the greeting; null when there is none that could be said. */
  name: string | null;
  metadata: Readonly<Record<string, unknown>>;
  /** The whole address of each link by its name. */
  links: Readonly<Record<string, string>>;
  language: Language;
  /** The zone in which moments are told. */
  zone: string;
}

/** A person's own words are no place for a page of text. */
const MAX_VALUE = 500;

/**
 * Fills the placeholders of a template. What a person left empty leaves no hole: the comma before a missing name goes with it.
 * Texts that visitors typed are put in as they are; whoever makes HTML of it escapes it.
 */
export function fillText(text: string, filling: Filling): string {
  const named =
    filling.name === null
      ? text.replace(/[,،]?[ \u{a0}]*\{name\}/gu, "")
      : text.replaceAll("{name}", filling.name);
  return named.replace(
    /\{(link:([\w-]+)|metadata\.([\w.-]+)(?:\|(\w+)(?::([^{}]*))?)?)\}/g,
    (_all, _inner, link: string | undefined, path = "", format?: string, argument = "") =>
      link !== undefined
        ? (filling.links[link] ?? "")
        : formatted(valueAt(filling.metadata, path), format, argument, filling),
  );
}

function formatted(value: unknown, format: string | undefined, argument: string, filling: Filling): string {
  const { language, zone } = filling;
  const shown =
    format === "money"
      ? formatMoney(value, argument, language)
      : format === "date"
        ? formatDate(value, zone, language)
        : format === "plural"
          ? formatCount(value, argument.split(","), language)
          : null;
  return shown ?? plain(value);
}

function valueAt(metadata: unknown, path: string): unknown {
  let value = metadata;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return null;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** One line, without characters that turn the writing or stand for something of ours; no list and no object. */
function plain(value: unknown): string {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return "";
  return String(value)
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, MAX_VALUE);
}
