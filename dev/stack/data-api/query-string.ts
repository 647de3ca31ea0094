import { ApiError } from "./errors.ts";
import { quoteName, quoteText } from "./quote.ts";

/** Splits on commas that are outside of parentheses, braces and double quotes. */
export function splitList(text: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (isQuoted) {
      if (char === "\\") i++;
      else if (char === '"') isQuoted = false;
    } else if (char === '"') isQuoted = true;
    else if (char === "(" || char === "{") depth++;
    else if (char === ")" || char === "}") depth--;
    else if (char === "," && depth === 0) {
      items.push(text.slice(from, i));
      from = i + 1;
    }
  }
  items.push(text.slice(from));
  return items;
}

/** Takes the double quotes off a quoted value and resolves its backslashes. */
export const unquote = (text: string): string =>
  /^".*"$/s.test(text) ? text.slice(1, -1).replace(/\\(.)/gs, "$1") : text;

/** `col` or `col->a->>b`: an SQL expression over the row `t`, and its name in the answer. */
export function columnOf(path: string): { sql: string; name: string } {
  const [first = "", ...steps] = path.split(/(->>?)/);
  let name = unquote(first);
  let sql = `t.${quoteName(name)}`;
  if (steps.length > 0) sql = `to_jsonb(${sql})`;
  for (let i = 0; i + 1 < steps.length; i += 2) {
    const key = unquote(steps[i + 1] ?? "");
    sql += `${steps[i]}${/^-?\d+$/.test(key) ? key : quoteText(key)}`;
    name = key;
  }
  return { sql, name };
}

const SELECT_ITEM = /^(?:("[^"]*"|[^":()]+):(?!:))?(.+?)(?:::([a-z0-9_ ]+))?$/is;

/** The SQL select list for `select=`: columns, `alias:column`, `column::type`, JSON paths. */
export function selectList(select: string | null): string {
  if (!select || select === "*") return "t.*";
  return splitList(withoutSpaces(select)).map(selectItem).join(", ");
}

function selectItem(item: string): string {
  if (item === "*") return "t.*";
  const [, alias, path = "", cast] = SELECT_ITEM.exec(item) ?? [];
  const nameOr = (name: string): string => quoteName(alias === undefined ? name : unquote(alias));
  if (/(?:^|\.)(?:count|sum|avg|max|min)\(\)$/.test(path)) {
    throw new ApiError(400, "PGRST123", "Use of aggregate functions is not allowed");
  }
  if (path === "" || /[()]/.test(path.replace(/"[^"]*"/g, ""))) {
    throw new ApiError(501, "LOCAL", `The local Data API does not embed resources: ${item}`);
  }
  const column = columnOf(path);
  const sql = cast === undefined ? column.sql : `cast(${column.sql} as ${cast})`;
  return `${sql} as ${nameOr(column.name)}`;
}

/** Spaces count inside of double quotes only. */
const withoutSpaces = (text: string): string =>
  text.replace(/"[^"]*"|\s+/g, (part) => (part.startsWith('"') ? part : ""));

const ORDER_ITEM = /^(.+?)(?:\.(asc|desc))?(?:\.(nullsfirst|nullslast))?$/s;

/** The SQL `order by` for `order=`, or nothing. */
export function orderBy(order: string | null): string {
  if (!order) return "";
  const items = splitList(order).map((item) => {
    const [, path = "", direction = "asc", nulls] = ORDER_ITEM.exec(item) ?? [];
    const tail = nulls === undefined ? "" : ` nulls ${nulls === "nullsfirst" ? "first" : "last"}`;
    return `${columnOf(path).sql} ${direction}${tail}`;
  });
  return ` order by ${items.join(", ")}`;
}

/** `limit` and `offset`, at most `maxRows` rows. */
export function pageOf(params: URLSearchParams, maxRows: number): { limit: number; offset: number } {
  const number = (name: string): number | undefined => {
    const value = params.get(name);
    if (value === null) return undefined;
    if (!/^\d+$/.test(value)) {
      throw new ApiError(400, "PGRST100", `"failed to parse ${name} (${value})" (line 1, column 1)`);
    }
    return Number(value);
  };
  return { limit: Math.min(number("limit") ?? maxRows, maxRows), offset: number("offset") ?? 0 };
}
