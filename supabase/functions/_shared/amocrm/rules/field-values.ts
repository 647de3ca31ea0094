import { storable } from "../../platform/storable.ts";
import type { FieldDraftValue } from "../api/drafts.ts";
import { parseFormDate } from "./form-date.ts";

/** What is known of a field: amoCRM's word for its type, and what may be chosen. */
export interface FieldKind {
  type: string;
  choices: readonly { id: number; value: string }[];
}

/** What of a value goes into its field, and what of it no field takes. */
export interface Fitted {
  values: FieldDraftValue[];
  rest: unknown;
}

/** Types that a lead's value cannot fill: they name things of the account. */
const UNFILLABLE: ReadonlySet<string> = new Set([
  "chained_list",
  "file",
  "items",
  "linked_entity",
  "payer",
  "supplier",
  "category",
]);

/** False for a field that takes no value of a lead, whatever it is. */
export function isFillable(type: string): boolean {
  return !UNFILLABLE.has(type);
}

const YES = new Set(["on", "true", "1", "yes", "y", "да", "checked"]);
const NO = new Set(["off", "false", "0", "no", "n", "нет", ""]);

/** A value in the form its field takes (amocrm-api.md 3.7). A type that we do not know gets it as it is, as text. */
export function fitValue(value: unknown, { type, choices }: FieldKind): Fitted {
  switch (type) {
    case "numeric":
    case "monetary":
    case "price":
      return whole(numberOf(value), value);
    case "checkbox":
      return whole(flagOf(value), value);
    case "date":
    case "date_time":
    case "birthday":
      return whole(parseFormDate(value, type === "date_time"), value);
    case "select":
    case "radiobutton":
      return chosen(value, choices, 1);
    case "multiselect":
      return chosen(value, choices, Number.POSITIVE_INFINITY);
    case "smart_address":
      return typeof value === "string"
        ? { values: [{ value, enumCode: "address_line_1" }], rest: null }
        : nothing(value);
    case "legal_entity":
      return typeof value === "string"
        ? { values: [{ value: { name: value } }], rest: null }
        : nothing(value);
    default:
      return isFillable(type) ? { values: [{ value: textOf(value) }], rest: null } : nothing(value);
  }
}

/** As text, or true and false, which a field of an unknown type may want. */
export function textOf(value: unknown): string | boolean {
  if (typeof value === "string" || typeof value === "boolean") return value;
  // A numeric field takes a number as text, a text field takes nothing else (amocrm-api.md 3.7).
  return JSON.stringify(storable(value));
}

function whole(value: string | number | boolean | null, given: unknown): Fitted {
  return value === null ? nothing(given) : { values: [{ value }], rest: null };
}

function nothing(given: unknown): Fitted {
  return { values: [], rest: given };
}

/** `50 000 ₸`, `1500,50`, `$1,234.50`: a number as its digits with a point, null if it is not certainly one. */
function numberOf(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return null;
  const bare = value
    .normalize("NFKC")
    .replace(/[\p{Sc}\p{Zs}'’_]|(?:руб|тг|тенге|kzt|rub|usd|eur)\.?/giu, "")
    .replace(/\u2212/g, "-");
  if (/^-?\d+$/.test(bare)) return bare;
  const parts = /^(-?\d[\d.,]*)([.,])(\d+)$/.exec(bare);
  if (parts === null) return null;
  const [, head = "", mark = "", tail = ""] = parts;
  const others = head.replace(/[-\d]/g, "");
  // One mark before three digits is either; two different ones tell which is which.
  if (others === "") return mark === "," && tail.length === 3 ? null : `${head}.${tail}`;
  if ([...others].every((other) => other !== mark)) return `${head.replace(/[.,]/g, "")}.${tail}`;
  return new Set(others).size === 1 && tail.length === 3 ? head.replace(/[.,]/g, "") + tail : null;
}

function flagOf(value: unknown): boolean | null {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string" && typeof value !== "number") return null;
  const word = String(value).trim().toLowerCase();
  if (YES.has(word)) return true;
  return NO.has(word) ? false : null;
}

/** The choices that a value names, each once; what names none is left over. */
function chosen(value: unknown, choices: FieldKind["choices"], most: number): Fitted {
  const byName = new Map(choices.map((choice) => [nameOf(choice.value), choice]));
  const find = (one: unknown) =>
    typeof one === "string" || typeof one === "number" || typeof one === "boolean"
      ? byName.get(nameOf(String(one)))
      : undefined;
  const isOne =
    !Array.isArray(value) && (find(value) !== undefined || most === 1 || typeof value !== "string");
  const named: unknown[] = isOne ? [value] : Array.isArray(value) ? value : String(value).split(/[,;\n]/);
  const found = named.map((one) => ({ one, choice: find(one) }));
  const ids = [...new Set(found.flatMap(({ choice }) => (choice === undefined ? [] : [choice.id])))];
  if (ids.length === 0 || ids.length > most) return nothing(value);
  const rest = found.filter(({ choice }) => choice === undefined).map(({ one }) => one);
  return { values: ids.map((enumId) => ({ enumId })), rest: rest.length === 0 ? null : rest };
}

function nameOf(choice: string): string {
  return choice.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();
}
