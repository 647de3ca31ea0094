/** An UPDATE or DELETE of every row, as pg-safeupdate refuses it. */
export interface Unguarded {
  verb: "UPDATE" | "DELETE";
  /** The table as the statement names it. */
  target: string;
}

/** A name as it is written; without a schema it may mean an object of any. */
export interface Name {
  schema: string | undefined;
  name: string;
}

export type WriteEvent = "insert" | "update" | "delete" | "truncate";

/** What parsed statements do that matters to pg-safeupdate: themselves, through what they call, through triggers. */
export interface Doings {
  unguarded: Unguarded[];
  calls: Name[];
  writes: { table: Name; event: WriteEvent }[];
}

export const noDoings = (): Doings => ({ unguarded: [], calls: [], writes: [] });

type Node = Record<string, unknown>;

/** Adds what the parse tree does, at any depth: in a WITH, a subquery, the body of a `begin atomic` function. */
export function collectDoings(tree: unknown, doings: Doings): void {
  if (Array.isArray(tree)) {
    for (const item of tree) collectDoings(item, doings);
    return;
  }
  if (typeof tree !== "object" || tree === null) return;
  for (const [kind, value] of Object.entries(tree)) {
    if (isNode(value)) READERS[kind]?.(value, doings);
    collectDoings(value, doings);
  }
}

const READERS: Record<string, (node: Node, doings: Doings) => void> = {
  FuncCall: (node, { calls }) => {
    const parts = (node["funcname"] as { String: { sval: string } }[]).map((part) => part.String.sval);
    calls.push({ schema: parts.at(-2), name: parts.at(-1) ?? "" });
  },
  InsertStmt: (node, doings) => {
    addWrite(node["relation"], "insert", doings);
    // ON CONFLICT DO UPDATE fires the triggers of an update, but is no UPDATE to pg-safeupdate.
    if (isNode(node["onConflictClause"])) addWrite(node["relation"], "update", doings);
  },
  UpdateStmt: (node, doings) => {
    addWrite(node["relation"], "update", doings);
    addIfUnguarded(node, "UPDATE", doings);
  },
  DeleteStmt: (node, doings) => {
    addWrite(node["relation"], "delete", doings);
    addIfUnguarded(node, "DELETE", doings);
  },
  // pg-safeupdate lets MERGE pass; its triggers may not.
  MergeStmt: (node, doings) => {
    for (const event of ["insert", "update", "delete"] as const) addWrite(node["relation"], event, doings);
  },
  TruncateStmt: (node, doings) => {
    for (const relation of node["relations"] as Node[]) addWrite(relation["RangeVar"], "truncate", doings);
  },
};

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

function addWrite(relation: unknown, event: WriteEvent, { writes }: Doings): void {
  writes.push({ table: nameOf(relation), event });
}

function addIfUnguarded(node: Node, verb: Unguarded["verb"], { unguarded }: Doings): void {
  if (node["whereClause"] !== undefined) return;
  const { schema, name } = nameOf(node["relation"]);
  unguarded.push({ verb, target: schema === undefined ? name : `${schema}.${name}` });
}

function nameOf(relation: unknown): Name {
  const { schemaname, relname } = relation as { schemaname?: string; relname: string };
  return { schema: schemaname, name: relname };
}
