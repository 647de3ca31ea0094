import { z } from "zod";
import type { Reader } from "../connection-pool.ts";

/** The first id of objects that are not Postgres' own. */
export const FIRST_OWN_ID = 16_384;

/** Where a call or a write that reaches something else stands: functions, triggers, foreign keys and views. */
export const CATALOG_TABLES = ["pg_proc", "pg_trigger", "pg_constraint", "pg_rewrite"] as const;

/** What extensions brought is C on the platform, or at least theirs. */
const FUNCTION_QUERY = `
  select p.oid::text as id, n.nspname as schema, p.proname as name, l.lanname as language,
    format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) as signature,
    p.prosrc as body, pg_catalog.pg_get_functiondef(p.oid) as definition
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  join pg_catalog.pg_language l on l.oid = p.prolang
  where p.oid >= ${FIRST_OWN_ID} and l.lanname in ('sql', 'plpgsql') and p.prokind in ('f', 'p')
    and not exists (select from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e')`;

const TRIGGER_QUERY = `
  select n.nspname as schema, c.relname as name, t.tgfoid::text as function_id, t.tgtype & 4 > 0 as is_insert,
    t.tgtype & 8 > 0 as is_delete, t.tgtype & 16 > 0 as is_update, t.tgtype & 32 > 0 as is_truncate
  from pg_catalog.pg_trigger t
  join pg_catalog.pg_class c on c.oid = t.tgrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where not t.tgisinternal and t.tgenabled in ('O', 'A')`;

/**
 * What a write leads to elsewhere: what a foreign key does by itself to the rows that point at a deleted or updated one, and
 * what is written through a view to the tables below it. The letters are pg_constraint's; a view hands everything on.
 */
const CASCADE_QUERY = `
  select 'a' as on_insert, pn.nspname as schema, p.relname as name, cn.nspname as child_schema, c.relname as child_name,
    k.confdeltype::text as on_delete, k.confupdtype::text as on_update
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_class p on p.oid = k.confrelid
  join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
  join pg_catalog.pg_class c on c.oid = k.conrelid
  join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
  where k.contype = 'f' and (k.confdeltype in ('c', 'n', 'd') or k.confupdtype in ('c', 'n', 'd'))
  union all
  select distinct 'c', vn.nspname, v.relname, tn.nspname, t.relname, 'c', 'c'
  from pg_catalog.pg_rewrite r
  join pg_catalog.pg_class v on v.oid = r.ev_class and v.relkind = 'v' and v.oid >= ${FIRST_OWN_ID}
  join pg_catalog.pg_namespace vn on vn.oid = v.relnamespace
  join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid
    and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> v.oid
  join pg_catalog.pg_class t on t.oid = d.refobjid and t.relkind in ('r', 'p', 'v') and t.oid >= ${FIRST_OWN_ID}
  join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace`;

const functionSchema = z.object({
  id: z.string(),
  schema: z.string(),
  name: z.string(),
  signature: z.string(),
  language: z.enum(["sql", "plpgsql"]),
  body: z.string(),
  definition: z.string(),
});
const triggerSchema = z.object({
  schema: z.string(),
  name: z.string(),
  function_id: z.string(),
  is_insert: z.boolean(),
  is_delete: z.boolean(),
  is_update: z.boolean(),
  is_truncate: z.boolean(),
});
const cascadeSchema = z.object({
  schema: z.string(),
  name: z.string(),
  on_insert: z.string(),
  child_schema: z.string(),
  child_name: z.string(),
  on_delete: z.string(),
  on_update: z.string(),
});

export type CatalogFunction = z.infer<typeof functionSchema>;
type CatalogTrigger = z.infer<typeof triggerSchema>;
type CatalogCascade = z.infer<typeof cascadeSchema>;

export interface Catalog {
  functions: CatalogFunction[];
  triggers: CatalogTrigger[];
  cascades: CatalogCascade[];
}

export async function readCatalog(reader: Reader): Promise<Catalog> {
  return {
    functions: z.array(functionSchema).parse(await reader.run(FUNCTION_QUERY)),
    triggers: z.array(triggerSchema).parse(await reader.run(TRIGGER_QUERY)),
    cascades: z.array(cascadeSchema).parse(await reader.run(CASCADE_QUERY)),
  };
}
