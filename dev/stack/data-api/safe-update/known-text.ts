/** Stands for a name that is known when the function runs only. */
export const PLACEHOLDER = "known_when_it_runs";

type Node = Record<string, unknown>;

/**
 * The SQL that an expression of `execute` yields, with placeholders for names and values: a literal, or a `format` of a
 * literal with %I and %L. Undefined where statements cannot be told: text that is joined together, or put in by %s.
 */
export function knownText(tree: unknown): string | undefined {
  const value = selected(tree);
  const literal = literalOf(value);
  if (literal !== undefined) return literal;
  const call = value?.["FuncCall"] as { funcname: { String: { sval: string } }[]; args?: Node[] } | undefined;
  if (call?.funcname.at(-1)?.String.sval !== "format") return undefined;
  const template = literalOf(call.args?.[0]);
  return template === undefined ? undefined : filled(template);
}

/** The expression E of a parsed `select E`. */
function selected(tree: unknown): Node | undefined {
  const { stmts } = tree as { stmts: { stmt: { SelectStmt?: { targetList?: Node[] } } }[] };
  const target = stmts[0]?.stmt.SelectStmt?.targetList?.[0]?.["ResTarget"] as { val: Node } | undefined;
  return target?.val;
}

function literalOf(value: Node | undefined): string | undefined {
  const constant = value?.["A_Const"] as { sval?: { sval?: string } } | undefined;
  return constant?.sval === undefined ? undefined : (constant.sval.sval ?? "");
}

function filled(template: string): string | undefined {
  const text = template.replace(/%(?:(\d+\$)?-?(?:\d+|\*)?([sIL])|%)/g, (found, _position, type) =>
    type === undefined ? "%" : type === "I" ? PLACEHOLDER : type === "L" ? "''" : found,
  );
  return /%(?:\d+\$)?-?(?:\d+|\*)?s/.test(text) ? undefined : text;
}
