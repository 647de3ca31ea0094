import { cut } from "../../platform/cut.ts";

/** amoCRM keeps names in 255 characters; a few are left for what it may add itself. */
const DEAL_NAME_LENGTH_MAX = 250;

/** A name for who left no name, e-mail or phone; the database does not let such a lead in. */
const NAMELESS = "Без имени";

const PLACEHOLDER = /\{([a-z_][a-z0-9_.]*)\}/gi;

/** Text between placeholders that only separates them. */
const SEPARATOR = /^[\s—–\-|/,:;·]+$/u;

/**
 * Fills a template such as `{name} — {source}`. A placeholder without a value takes its separator with it; one that
 * is not among `values` stays visible, so that the mistake is seen. Cut to 250 characters.
 */
export function dealName(template: string, values: Readonly<Record<string, string | null>>): string {
  let name = "";
  let separator = "";
  for (const part of partsOf(template, values)) {
    if (part.text === "") continue;
    if (part.isSeparator) {
      separator ||= part.text;
    } else {
      name += (name === "" ? "" : separator) + part.text;
      separator = "";
    }
  }
  return cut(name, DEAL_NAME_LENGTH_MAX);
}

/** The contact's name: as given, byte for byte; when that is blank the phone, else the e-mail. */
export function displayName(fullName: string | null, phone: string | null, email: string | null): string {
  if (fullName !== null && fullName.trim() !== "") return fullName;
  return phone ?? email ?? NAMELESS;
}

interface Part {
  text: string;
  isSeparator: boolean;
}

/** Values are inserted once and never looked at again: a name may hold braces. */
function partsOf(template: string, values: Readonly<Record<string, string | null>>): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    parts.push(literal(template.slice(end, match.index)));
    const [whole, key = ""] = match;
    parts.push({ text: Object.hasOwn(values, key) ? (values[key] ?? "") : whole, isSeparator: false });
    end = match.index + whole.length;
  }
  parts.push(literal(template.slice(end)));
  return parts;
}

function literal(text: string): Part {
  return { text, isSeparator: SEPARATOR.test(text) };
}
