import type postgres from "postgres";

/** Who may use an object, besides its owner. */
const ROLES = ["anon", "authenticated", "service_role"] as const;
export type Role = (typeof ROLES)[number];

interface Column {
  name: string;
  type: string;
  comment: string | null;
}

export interface Relation {
  schema: string;
  name: string;
  kind: "table" | "view";
  comment: string | null;
  columns: Column[];
  /** By role its rights in order, `insert (some columns)` for those on columns only. */
  rights: Record<Role, string[]>;
}

export interface SqlFunction {
  schema: string;
  name: string;
  /** With names and defaults, as one would call it. */
  parameters: string;
  returns: string;
  comment: string | null;
  /** A trigger's function is called by nobody. */
  isTrigger: boolean;
  callers: Role[];
}

export interface Catalogue {
  relations: Relation[];
  functions: SqlFunction[];
}

/** All tables, views and functions of the schemas `public` and `amocrm`, but those of extensions and partitions. */
export async function readCatalogue(sql: postgres.Sql): Promise<Catalogue> {
  return { relations: await readRelations(sql), functions: await readFunctions(sql) };
}

async function readRelations(sql: postgres.Sql): Promise<Relation[]> {
  return await sql<Relation[]>`
    select namespace.nspname as schema, class.relname as name,
      case when class.relkind = 'v' then 'view' else 'table' end as kind,
      obj_description(class.oid, 'pg_class') as comment,
      (
        select json_agg(json_build_object(
          'name', attribute.attname,
          'type', format_type(attribute.atttypid, attribute.atttypmod),
          'comment', col_description(class.oid, attribute.attnum)
        ) order by attribute.attnum)
        from pg_attribute as attribute
        where attribute.attrelid = class.oid and attribute.attnum > 0 and not attribute.attisdropped
      ) as columns,
      (
        select json_object_agg(role, (
          select coalesce(json_agg(
            case when has_table_privilege(role, class.oid, privilege) then privilege
              else privilege || ' (some columns)' end order by place), '[]')
          from unnest(array['select', 'insert', 'update', 'delete']) with ordinality as privileges (privilege, place)
          where has_table_privilege(role, class.oid, privilege)
            or (privilege <> 'delete' and has_any_column_privilege(role, class.oid, privilege))
        ))
        from unnest(${[...ROLES]}::text[]) as role
      ) as rights
    from pg_class as class
    join pg_namespace as namespace on namespace.oid = class.relnamespace
    where namespace.nspname in ('public', 'amocrm') and class.relkind in ('r', 'p', 'v') and not class.relispartition
      and not exists (select from pg_depend where objid = class.oid and deptype = 'e')
    order by 1, 2`;
}

async function readFunctions(sql: postgres.Sql): Promise<SqlFunction[]> {
  return await sql<SqlFunction[]>`
    select namespace.nspname as schema, proc.proname as name,
      pg_get_function_arguments(proc.oid) as parameters, pg_get_function_result(proc.oid) as returns,
      obj_description(proc.oid, 'pg_proc') as comment, proc.prorettype = 'trigger'::regtype as "isTrigger",
      array(
        select role from unnest(${[...ROLES]}::text[]) as role where has_function_privilege(role, proc.oid, 'execute')
      ) as callers
    from pg_proc as proc
    join pg_namespace as namespace on namespace.oid = proc.pronamespace
    where namespace.nspname in ('public', 'amocrm')
      and not exists (select from pg_depend where objid = proc.oid and deptype = 'e')
    order by 1, 2, pg_get_function_arguments(proc.oid) collate "C"`;
}
