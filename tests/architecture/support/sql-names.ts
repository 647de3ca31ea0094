import { loadModule, parseSync, scanSync } from "libpg-query";
import { type SchemaFile, schemaFiles } from "#dev/schemas/schema-files.ts";

/** One name of a qualified object in a schema file. */
export interface NamedObject {
  file: string;
  area: string;
  /** Such as `amocrm.claim`. */
  name: string;
  /** It is inserted into, updated or deleted from here. */
  isWritten: boolean;
  /** It stands in a function's body, and not in a statement that runs when the file is applied. */
  isInBody: boolean;
}

interface Token {
  text: string;
  tokenName: string;
}

const OURS = /^(amocrm|public)$/;
const DOLLAR_QUOTED = /^\$(\w*)\$([\s\S]*)\$\1\$$/;
/** A text that is SQL or one name; others, such as a remedy for the admin, name nothing. */
const TEXT_OF_SQL = /^'(select|insert|update|delete)\b|^'(amocrm|public)\.\w+(\([^)]*\))?'$/i;

await loadModule();

/** The area in whose files each object is made. */
export function areasOfObjects(): Map<string, string> {
  const areas = new Map<string, string>();
  for (const file of schemaFiles()) {
    for (const name of madeIn(file.text)) areas.set(name, file.area);
  }
  return areas;
}

/** Every place in the schema files that names an object of ours, in order. */
export function namesInSchemas(): NamedObject[] {
  return schemaFiles().flatMap((file) => namesIn(file, file.text, false));
}

function madeIn(text: string): string[] {
  // biome-ignore lint/suspicious/noExplicitAny: the parser's tree has no types of its own
  const statements = parseSync(text).stmts as { stmt: Record<string, any> }[];
  const relation = (node: { schemaname?: string; relname: string }) =>
    `${node.schemaname ?? "public"}.${node.relname}`;
  return statements.flatMap(({ stmt }) => {
    const [kind = "", node] = Object.entries(stmt)[0] ?? [];
    switch (kind) {
      case "CreateFunctionStmt":
        return [node.funcname.map((part: { String: { sval: string } }) => part.String.sval).join(".")];
      case "CreateStmt":
        return [relation(node.relation)];
      case "ViewStmt":
        return [relation(node.view)];
      case "CreateSeqStmt":
        return [relation(node.sequence)];
      case "CompositeTypeStmt":
        return [relation(node.typevar)];
      default:
        return [];
    }
  });
}

function namesIn(file: SchemaFile, text: string, isInBody: boolean): NamedObject[] {
  const tokens = (scanSync(text).tokens as Token[]).filter(({ tokenName }) => !tokenName.endsWith("COMMENT"));
  const found: NamedObject[] = [];
  const word = (index: number): string => tokens[index]?.text.toLowerCase() ?? "";
  tokens.forEach((token, index) => {
    const body = DOLLAR_QUOTED.exec(token.text)?.[2];
    if (body !== undefined) {
      found.push(...namesIn(file, body, true));
    } else if (TEXT_OF_SQL.test(token.text)) {
      found.push(...namesIn(file, token.text.slice(1, -1).replaceAll("''", "'"), isInBody));
    } else if (OURS.test(token.text) && word(index + 1) === "." && word(index - 1) !== ".") {
      const before = [word(index - 2), word(index - 1)];
      found.push({
        file: file.path.slice("schemas/".length),
        area: file.area,
        name: `${token.text}.${word(index + 2)}`,
        // `for update` and `on … do update` have no name behind them, a grant or a trigger no statement.
        isWritten:
          (before[1] === "into" && before[0] === "insert") ||
          (before[1] === "from" && before[0] === "delete") ||
          (before[1] === "update" && !["grant", "before", "after", "or", ","].includes(before[0] ?? "")),
        isInBody,
      });
    }
  });
  return found;
}
