/** What one version of Postgres has names for. */
export interface Names {
  /** As `name/number of arguments`. */
  functions: string[];
  /** Tables and views of its catalogues. */
  relations: string[];
  /** Their columns, as `relation.column`. */
  columns: string[];
  settings: string[];
}

/** What the newer version has and the older one has not. */
export function newNames(newer: Names, older: Names): Names {
  const without = (kind: keyof Names): string[] => {
    const known = new Set(older[kind]);
    return newer[kind].filter((name) => !known.has(name));
  };
  return {
    functions: without("functions"),
    relations: without("relations"),
    columns: without("columns"),
    settings: without("settings"),
  };
}

/** Those of the names that a function's body has: called, read, or set. */
export function findUnknown(body: string, names: Names): string[] {
  const text = body.replaceAll(/--.*$/gm, "").replaceAll(/\/\*.*?\*\//gs, "");
  const words = new Set(text.toLowerCase().match(/[a-z_][a-z0-9_]*/g));
  const calls = new Set(callsIn(text));
  return [
    ...names.functions.filter((call) => calls.has(call)),
    ...names.relations.filter((name) => words.has(name)),
    // A word like `reads` counts only where its view is named as well.
    ...names.columns.filter((column) => column.split(".").every((part) => words.has(part))),
    ...names.settings.filter((name) => words.has(name)),
  ];
}

/** Each call as `name/number of arguments`; also of what stands in a text, which may be run. */
function callsIn(text: string): string[] {
  return [...text.matchAll(/([a-z_][a-z0-9_]*)\s*\(/gi)].map((match) => {
    const count = countArguments(text, match.index + match[0].length);
    return `${match[1]?.toLowerCase()}/${count}`;
  });
}

/** Of the arguments behind an opening bracket, up to the one that closes it; none if there is nothing between. */
function countArguments(text: string, start: number): number {
  let depth = 1;
  let count = 1;
  let at = start;
  for (; at < text.length && depth > 0; at++) {
    const sign = text[at];
    if (sign === "'") at = endOfLiteral(text, at);
    else if (sign === "(" || sign === "[") depth += 1;
    else if (sign === ")" || sign === "]") depth -= 1;
    else if (sign === "," && depth === 1) count += 1;
  }
  return text.slice(start, at - 1).trim() === "" ? 0 : count;
}

function endOfLiteral(text: string, start: number): number {
  const end = text.indexOf("'", start + 1);
  return end < 0 ? text.length : end;
}
