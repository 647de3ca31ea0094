import { ApiError } from "./errors.ts";
import { columnOf, splitList, unquote } from "./query-string.ts";
import { quoteText } from "./quote.ts";

const OPERATORS = new Map([
  ["eq", "="],
  ["neq", "<>"],
  ["gt", ">"],
  ["gte", ">="],
  ["lt", "<"],
  ["lte", "<="],
  ["like", "like"],
  ["ilike", "ilike"],
  ["match", "~"],
  ["imatch", "~*"],
  ["isdistinct", "is distinct from"],
  ["cs", "@>"],
  ["cd", "<@"],
  ["ov", "&&"],
  ["sl", "<<"],
  ["sr", ">>"],
  ["nxl", "&>"],
  ["nxr", "&<"],
  ["adj", "-|-"],
]);
const TEXT_SEARCH = new Map([
  ["fts", "to_tsquery"],
  ["plfts", "plainto_tsquery"],
  ["phfts", "phraseto_tsquery"],
  ["wfts", "websearch_to_tsquery"],
]);
const IS_VALUES = ["null", "not_null", "true", "false", "unknown"];
/** Parameters with a meaning of their own; every other one is a filter on the column it names. */
const RESERVED = new Set(["select", "order", "limit", "offset", "columns", "on_conflict", "apikey"]);

const EXPRESSION = /^(?<not>not\.)?(?<operator>[a-z]+)(?:\((?<modifier>[^)]*)\))?\.(?<value>.*)$/s;

/** The SQL conditions of all filters in the query string; `skip` are the arguments of a function. */
export function conditionsOf(params: URLSearchParams, skip: ReadonlySet<string> = new Set()): string[] {
  const conditions: string[] = [];
  for (const [name, value] of params) {
    if (RESERVED.has(name) || skip.has(name)) continue;
    const group = /^(not\.)?(and|or)$/.exec(name);
    if (group) conditions.push(negate(group[1], groupOf(group[2] as "and" | "or", value)));
    else conditions.push(condition(name, value));
  }
  return conditions;
}

/** ` where …` or nothing. */
export const whereOf = (conditions: readonly string[]): string =>
  conditions.length > 0 ? ` where ${conditions.join(" and ")}` : "";

const negate = (not: string | undefined, sql: string): string => (not === undefined ? sql : `not (${sql})`);

/** One filter: `column`, and `operator.value` with an optional `not.` before and a modifier behind the operator. */
function condition(columnPath: string, expression: string): string {
  const failed = (): ApiError =>
    new ApiError(400, "PGRST100", `"failed to parse filter (${expression})" (line 1, column 1)`);
  const parts = EXPRESSION.exec(expression)?.groups;
  if (!parts) throw failed();
  const { not, operator = "", modifier, value = "" } = parts;
  const left = columnOf(columnPath).sql;
  const sql = comparison({ left, operator, modifier, value });
  if (sql === undefined) throw failed();
  return negate(not, sql);
}

interface Comparison {
  left: string;
  operator: string;
  modifier: string | undefined;
  value: string;
}

function comparison({ left, operator, modifier, value }: Comparison): string | undefined {
  if (operator === "is") {
    const word = value.toLowerCase();
    return IS_VALUES.includes(word) ? `${left} is ${word.replace("_", " ")}` : undefined;
  }
  if (operator === "in") {
    if (!/^\(.*\)$/s.test(value)) return undefined;
    if (value === "()") return "false";
    const items = splitList(value.slice(1, -1)).map((item) => quoteText(unquote(item)));
    return `${left} in (${items.join(", ")})`;
  }
  const search = TEXT_SEARCH.get(operator);
  if (search !== undefined) {
    const language = modifier === undefined ? "" : `${quoteText(modifier)}, `;
    return `${left} @@ ${search}(${language}${quoteText(value)})`;
  }
  const symbol = OPERATORS.get(operator);
  if (symbol === undefined) return undefined;
  const text = quoteText(operator.endsWith("like") ? value.replaceAll("*", "%") : value);
  if (modifier === undefined) return `${left} ${symbol} ${text}`;
  return modifier === "any" || modifier === "all" ? `${left} ${symbol} ${modifier} (${text})` : undefined;
}

/** The inside of `or=(…)`: items are `column.operator.value`, `and(…)`, `or(…)`, `not.and(…)`. */
function groupOf(kind: "and" | "or", text: string): string {
  const failed = (): ApiError =>
    new ApiError(400, "PGRST100", `"failed to parse logic tree (${text})" (line 1, column 1)`);
  if (!/^\(.+\)$/s.test(text)) throw failed();
  const parts = splitList(text.slice(1, -1)).map((part) => {
    const group = /^(not\.)?(and|or)(\(.*\))$/s.exec(part);
    if (group) return negate(group[1], groupOf(group[2] as "and" | "or", group[3] ?? ""));
    const filter = /^((?:"[^"]*"|[^."]+)(?:->>?[^.]+)*)\.(.*)$/s.exec(part);
    if (!filter) throw failed();
    return condition(filter[1] ?? "", unquoteValue(filter[2] ?? ""));
  });
  return `(${parts.join(` ${kind} `)})`;
}

/** Inside of a group a value with commas or parentheses stands in double quotes. */
const unquoteValue = (expression: string): string =>
  expression.replace(
    /^((?:not\.)?[a-z]+(?:\([a-z]+\))?\.)(".*")$/s,
    (_, operator: string, value: string) => operator + unquote(value),
  );
