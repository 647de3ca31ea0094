import type { Table } from "./catalog.ts";
import { ApiError } from "./errors.ts";
import { conditionsOf, whereOf } from "./filters.ts";
import { parseObject, parseRows } from "./json-body.ts";
import { type ApiRequest, isRead, type Plan, wantsRows } from "./plan.ts";
import { orderBy, pageOf, selectList, splitList, unquote } from "./query-string.ts";
import { quoteName } from "./quote.ts";

interface Target {
  name: string;
  table: Table;
  /** Schema and name, quoted. */
  sql: string;
}

/** Plans a request on a table or view: read, insert, upsert, update, delete. */
export function planTable(request: ApiRequest, name: string, table: Table): Plan {
  const target = { name, table, sql: `${quoteName(request.schema)}.${quoteName(name)}` };
  if (isRead(request.method)) return planRead(request, target);
  if (request.method === "POST") return planInsert(request, target);
  if (request.method === "PATCH") return planUpdate(request, target);
  if (request.method === "DELETE") return planDelete(request, target);
  throw new ApiError(405, "PGRST117", `Unsupported HTTP method: ${request.method}`);
}

function planRead(request: ApiRequest, target: Target): Plan {
  const { params } = request;
  const where = whereOf(conditionsOf(params));
  const { limit, offset } = pageOf(params, request.maxRows);
  const rows = `select ${selectList(params.get("select"))} from ${target.sql} t${where}${orderBy(params.get("order"))}`;
  const total = request.prefer.has("count") ? `(select count(*) from ${target.sql} t${where})` : "null";
  return {
    query: `with s as (${rows} limit ${limit} offset ${offset})
      select coalesce(json_agg(s), '[]')::text as body, count(*) as n, ${total} as total from s`,
    parameters: [],
    isReadOnly: true,
    status: 200,
    hasBody: true,
    isList: true,
    offset,
  };
}

function planInsert(request: ApiRequest, target: Target): Plan {
  const { rows, text } = parseRows(request.text);
  const listed = request.params.get("columns");
  const names = listed === null ? Object.keys(rows[0] ?? {}) : splitList(listed).map(unquote);
  assertColumns(target, names);
  if (listed === null && !rows.every((row) => hasExactly(row, names))) {
    throw new ApiError(400, "PGRST102", "All object keys must match");
  }
  const columns = names.map(quoteName).join(", ");
  const source = `select ${columns} from json_to_recordset($1::text::json) as r(${recordOf(target, names)})`;
  const insert = `insert into ${target.sql} as t (${columns}) ${source}${onConflict(request, target, names)}`;
  if (names.length > 0) return writePlan(request, { statement: insert, parameters: [text], status: 201 });
  if (rows.length > 1) {
    throw new ApiError(501, "LOCAL", "The local Data API inserts one row of defaults at a time");
  }
  const statement =
    rows.length === 0
      ? `insert into ${target.sql} as t select t.* from ${target.sql} t where false`
      : undefined;
  const defaults = `insert into ${target.sql} as t default values`;
  return writePlan(request, { statement: statement ?? defaults, parameters: [], status: 201 });
}

function planUpdate(request: ApiRequest, target: Target): Plan {
  const names = Object.keys(parseObject(request.text));
  assertColumns(target, names);
  const where = filterOf(request, "UPDATE");
  const status = wantsRows(request) ? 200 : 204;
  if (names.length === 0) {
    const statement = `update ${target.sql} as t set ${setOf([...target.table.columns.keys()], "t")} where false`;
    return writePlan(request, { statement, parameters: [], status });
  }
  const source = `json_to_record($1::text::json) as r(${recordOf(target, names)})`;
  const statement = `update ${target.sql} as t set ${setOf(names, "r")} from ${source}${where}`;
  return writePlan(request, { statement, parameters: [request.text], status });
}

function planDelete(request: ApiRequest, target: Target): Plan {
  const statement = `delete from ${target.sql} as t${filterOf(request, "DELETE")}`;
  return writePlan(request, { statement, parameters: [], status: wantsRows(request) ? 200 : 204 });
}

interface Write {
  statement: string;
  parameters: string[];
  status: number;
}

function writePlan(request: ApiRequest, { statement, parameters, status }: Write): Plan {
  const hasBody = wantsRows(request);
  // Without rows in the answer nothing is read back, so that a role that may only insert can.
  const returning = hasBody ? selectList(request.params.get("select")) : "1 as one";
  const body = hasBody ? "coalesce(json_agg(s), '[]')::text" : "null::text";
  const total = request.prefer.has("count") ? "count(*)" : "null";
  return {
    query: `with s as (${statement} returning ${returning})
      select ${body} as body, count(*) as n, ${total} as total from s`,
    parameters,
    isReadOnly: false,
    status,
    hasBody,
    isList: true,
    offset: 0,
  };
}

function assertColumns({ name, table }: Target, names: readonly string[]): void {
  const unknown = names.find((column) => !table.columns.has(column));
  if (unknown === undefined) return;
  throw new ApiError(
    400,
    "PGRST204",
    `Could not find the '${unknown}' column of '${name}' in the schema cache`,
  );
}

const hasExactly = (row: Record<string, unknown>, names: readonly string[]): boolean =>
  Object.keys(row).length === names.length && names.every((name) => name in row);

/** Only the named columns: populating the whole row type would check the domains of absent ones. */
const recordOf = ({ table }: Target, names: readonly string[]): string =>
  names.map((name) => `${quoteName(name)} ${table.columns.get(name)}`).join(", ");

const setOf = (names: readonly string[], from: string): string =>
  names.map((name) => `${quoteName(name)} = ${from}.${quoteName(name)}`).join(", ");

function onConflict(request: ApiRequest, { table }: Target, names: readonly string[]): string {
  const resolution = request.prefer.get("resolution");
  if (resolution === undefined) return "";
  const listed = request.params.get("on_conflict");
  const keys = listed === null ? table.primaryKey : splitList(listed).map(unquote);
  if (keys.length === 0) return "";
  const action = resolution === "ignore-duplicates" ? "nothing" : `update set ${setOf(names, "excluded")}`;
  return ` on conflict (${keys.map(quoteName).join(", ")}) do ${action}`;
}

/** The platform loads safeupdate: an update or delete of every row is refused. */
function filterOf(request: ApiRequest, verb: "UPDATE" | "DELETE"): string {
  const conditions = conditionsOf(request.params);
  if (conditions.length === 0) throw new ApiError(400, "21000", `${verb} requires a WHERE clause`);
  return whereOf(conditions);
}
