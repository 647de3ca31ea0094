import { storable } from "../../platform/storable.ts";
import { flatten, type Leftover } from "./lead-fields.ts";
import { hasMark } from "./same-text.ts";

/** What a manager reads before a value; other paths speak for themselves. */
const LABELS: Readonly<Record<string, string>> = {
  source: "Источник",
  full_name: "Имя",
  email: "E-mail",
  phone: "Телефон",
  email_added: "E-mail добавлен в карточку контакта этой заявкой",
  phone_added: "Телефон добавлен в карточку контакта этой заявкой",
  login: "Логин",
  certificate_number: "Номер",
  utm_source: "UTM-источник",
  utm_medium: "UTM-канал",
  utm_campaign: "UTM-кампания",
  utm_content: "UTM-содержание",
  utm_term: "UTM-ключевое слово",
  consent_at: "Согласие дано",
};

const METADATA_PREFIX = /^metadata\./;

/** How a value that was taken away reads. */
const NOTHING = "—";

/** What a note says: a line on what it is about, if the values do not tell, and the values. */
export interface NoteContent {
  heading?: string;
  values: readonly Leftover[];
}

/**
 * The text of a note: its heading, one `label: value` a line, objects by path, strings byte for byte, and a last line
 * `#ref` by which the note is found again when nobody knows whether it was written. `ref` must be unique to the note.
 */
export function noteText({ heading, values }: NoteContent, ref: string): string {
  const lines = values.flatMap(linesOf);
  return withReference([...(heading === undefined ? [] : [heading]), ...lines].join("\n"), ref);
}

/** A text with its last line `#ref`. */
export function withReference(text: string, ref: string): string {
  return text === "" ? reference(ref) : `${text}\n${reference(ref)}`;
}

/** Whether a note or task, as read from amoCRM, is the one with the reference: it must stand there as a word of its own. */
export function hasReference(text: string, ref: string): boolean {
  return hasMark(text, reference(ref));
}

function reference(ref: string): string {
  return `#${ref}`;
}

function label(path: string): string {
  return Object.hasOwn(LABELS, path) ? (LABELS[path] ?? path) : path.replace(METADATA_PREFIX, "");
}

function linesOf(leftover: Leftover): string[] {
  const values = flatten(leftover);
  if (values.length === 0) return [`${label(leftover.path)}: ${NOTHING}`];
  return values.map(({ path, value }) => `${label(path)}: ${asText(value)}`);
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(storable(value)) ?? NOTHING);
}
