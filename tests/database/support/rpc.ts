import type { Rpc } from "../../../supabase/functions/_shared/store/rpc.ts";
import type { Session } from "./database.ts";

/** Calls functions as the Data API does: by the names of their arguments, which are one JSON object. */
export function rpcOver(sql: Session): Rpc {
  return async (name, args = {}) => {
    const [row] = await sql<{ types: Record<string, string> }[]>`
      select jsonb_object_agg(argument.name, format_type(argument.type, null)) as types
      from pg_proc, unnest(pg_proc.proargnames, pg_proc.proargtypes::oid[]) as argument (name, type)
      where pg_proc.pronamespace = 'public'::regnamespace and pg_proc.proname = ${name} and argument.type is not null`;
    const columns = Object.keys(args).map((key) => `${key} ${row?.types[key]}`);
    const from = columns.length === 0 ? "" : ` from json_to_record($1::text::json) as body (${columns})`;
    const given = Object.keys(args).map((key) => `${key} => body.${key}`);
    const rows = await sql.unsafe(
      `select to_jsonb(answer) as answer from (select public.${name}(${given}) as answer${from}) as called`,
      columns.length === 0 ? [] : [JSON.stringify(args)],
    );
    return rows[0]?.["answer"] ?? null;
  };
}
