import type postgres from "postgres";

/** Dead rows and bytes, with indexes, of the tables of a name or of its partitions. */
export async function bloatOf(
  sql: postgres.Sql,
  schema: string,
  table: string,
): Promise<{ deadCount: number; bytes: number }> {
  const [row] = await sql<{ dead: number; bytes: number }[]>`
    select coalesce(sum(n_dead_tup), 0)::int as dead, coalesce(sum(pg_total_relation_size(relid)), 0)::float8 as bytes
    from pg_stat_all_tables where schemaname = ${schema} and relname like ${table}`;
  return { deadCount: row?.dead ?? 0, bytes: row?.bytes ?? 0 };
}
