import { loadModule, parsePlPgSQLSync, parseSync } from "libpg-query";
import { knownText, PLACEHOLDER } from "./known-text.ts";
import { collectDoings, type Doings, noDoings } from "./statements.ts";

/** A function as the catalog has it. */
export interface FunctionText {
  language: "sql" | "plpgsql";
  /** The whole `create function` statement. */
  definition: string;
  /** What stands between the dollars; empty for the body of `begin atomic`, which only the definition shows. */
  body: string;
}

/** What a function does, and the texts of `execute` that cannot be known without running it. */
export interface FunctionReading extends Doings {
  obscure: string[];
  /** Those that call a function of which a row of a registry says the schema and the name. */
  registered: string[];
}

await loadModule();

/** How a PL/pgSQL expression stands in the statement that Postgres makes of it. */
const EXPRESSION_MODE = 2;
const ASSIGN_MODES = new Set([3, 4, 5]);

/**
 * Reads a function with Postgres' own parser. Not seen: what operators, column defaults, policies and views call, which
 * pg-safeupdate would see as well.
 */
export function readFunction(text: FunctionText): FunctionReading {
  const reading: FunctionReading = { ...noDoings(), obscure: [], registered: [] };
  if (text.language === "sql") {
    collectDoings(parseSync(text.body === "" ? text.definition : text.body), reading);
  } else {
    readPlPgSql(parsePlPgSQLSync(text.definition), reading);
  }
  return reading;
}

interface Expression {
  query: string;
  parseMode: number;
}

/** The field of a PL/pgSQL statement whose value is run as SQL: `execute …` in its four places. */
const DYNAMIC_FIELDS = new Map([
  ["PLpgSQL_stmt_dynexecute", "query"],
  ["PLpgSQL_stmt_dynfors", "query"],
  ["PLpgSQL_stmt_return_query", "dynquery"],
  ["PLpgSQL_stmt_open", "dynquery"],
]);

function readPlPgSql(tree: unknown, reading: FunctionReading): void {
  if (Array.isArray(tree)) {
    for (const item of tree) readPlPgSql(item, reading);
    return;
  }
  if (typeof tree !== "object" || tree === null) return;
  for (const [kind, value] of Object.entries(tree)) {
    if (kind === "PLpgSQL_expr") {
      collectDoings(parseSync(statementOf(value as Expression)), reading);
      continue;
    }
    const executed = (value as Record<string, unknown> | null)?.[DYNAMIC_FIELDS.get(kind) ?? ""];
    if (executed !== undefined) readExecuted(executed as { PLpgSQL_expr: Expression }, reading);
    readPlPgSql(value, reading);
  }
}

function statementOf({ query, parseMode }: Expression): string {
  if (parseMode === EXPRESSION_MODE) return `select ${query}`;
  if (ASSIGN_MODES.has(parseMode)) return `select ${query.replace(/^[^=]*?:?=/, "")}`;
  return query;
}

function readExecuted(
  { PLpgSQL_expr: expression }: { PLpgSQL_expr: Expression },
  reading: FunctionReading,
): void {
  const text = knownText(parseSync(statementOf(expression)));
  const doings = noDoings();
  if (text !== undefined) collectDoings(parseSync(text), doings);
  const unknown = doings.calls.filter(({ name }) => name === PLACEHOLDER);
  if (text === undefined || unknown.some(({ schema }) => schema !== PLACEHOLDER)) {
    reading.obscure.push(expression.query);
  } else if (unknown.length > 0) reading.registered.push(expression.query);
  reading.unguarded.push(...doings.unguarded);
  reading.calls.push(...doings.calls.filter(({ name }) => name !== PLACEHOLDER));
  reading.writes.push(...doings.writes);
}
