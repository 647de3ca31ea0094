import { z } from "zod";
import type { Reader } from "./connection-pool.ts";
import { ApiError } from "./errors.ts";

/** A table or view as a request sees it. */
export interface Table {
  /** Type of each column by name, as SQL writes it. */
  columns: Map<string, string>;
  primaryKey: string[];
}

/** One overload of a function, with its input arguments only. */
export interface ApiFunction {
  arguments: { name: string; type: string }[];
  /** How many of the first arguments have no default. */
  required: number;
  returnsSet: boolean;
  /** A row type or a table: the answer has columns. */
  returnsRow: boolean;
  returnsVoid: boolean;
  isVolatile: boolean;
}

const TABLE_QUERY = `
  select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    exists (select from pg_catalog.pg_index i
      where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey)) as is_key
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'v', 'm', 'f', 'p')
  order by a.attnum`;
const columnsSchema = z.array(z.object({ name: z.string(), type: z.string(), is_key: z.boolean() }));

/** The columns of a table or view; 404 PGRST205 if there is none of that name. */
export async function findTable(reader: Reader, schema: string, name: string): Promise<Table> {
  const rows = columnsSchema.parse(await reader.run(TABLE_QUERY, [schema, name]));
  if (rows.length === 0) {
    throw new ApiError(404, "PGRST205", `Could not find the table '${schema}.${name}' in the schema cache`);
  }
  return {
    columns: new Map(rows.map((row) => [row.name, row.type])),
    primaryKey: rows.filter((row) => row.is_key).map((row) => row.name),
  };
}

const FUNCTION_QUERY = `
  select p.pronargdefaults::int as defaults, p.proretset as returns_set, p.provolatile = 'v' as is_volatile,
    t.typtype = 'c' or t.oid = 'record'::regtype as returns_row, t.oid = 'void'::regtype as returns_void,
    coalesce((select json_agg(json_build_object('name', coalesce(p.proargnames[u.position], ''),
        'type', format_type(u.type, null)) order by u.position)
      from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality u (type, position)
      where coalesce(p.proargmodes[u.position], 'i') in ('i', 'b', 'v')), '[]')::text as arguments
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  join pg_catalog.pg_type t on t.oid = p.prorettype
  where n.nspname = $1 and p.proname = $2 and p.prokind = 'f'`;
const argumentsSchema = z.array(z.object({ name: z.string(), type: z.string() }));
const functionsSchema = z.array(
  z.object({
    defaults: z.number(),
    returns_set: z.boolean(),
    is_volatile: z.boolean(),
    returns_row: z.boolean(),
    returns_void: z.boolean(),
    arguments: z.string().transform((text) => argumentsSchema.parse(JSON.parse(text))),
  }),
);

/** All overloads of a function name; an empty list if there is none. */
export async function findFunctions(reader: Reader, schema: string, name: string): Promise<ApiFunction[]> {
  const rows = functionsSchema.parse(await reader.run(FUNCTION_QUERY, [schema, name]));
  return rows.map((row) => ({
    arguments: row.arguments,
    required: row.arguments.length - row.defaults,
    returnsSet: row.returns_set,
    returnsRow: row.returns_row,
    returnsVoid: row.returns_void,
    isVolatile: row.is_volatile,
  }));
}
