import postgres from "postgres";
import { CATALOG_TABLES, FIRST_OWN_ID, readCatalog } from "#dev/stack/data-api/safe-update/catalog.ts";
import { createReach, type Reach } from "#dev/stack/data-api/safe-update/guard.ts";
import { type Rpc, rpcError } from "#shared/platform/rpc.ts";
import { storable } from "#shared/platform/storable.ts";
import type { Session } from "./database.ts";

/** Calls of named functions as the Data API makes them: arguments and answer are JSON, an error names the SQLSTATE. */
export async function openRpc(sql: Session): Promise<Rpc> {
  const statements = await rpcStatements(sql);
  const assertSafe = await openSafeUpdate(sql);
  return async (name, args = {}) => {
    const statement = statements.get(name);
    if (statement === undefined) throw new Error(`Cannot call ${name}: PGRST202 no such function`);
    assertSafe(name);
    try {
      const [row] = await sql.unsafe(statement, [JSON.stringify(storable(args))]);
      return row?.["answer"] ?? null;
    } catch (error) {
      if (!(error instanceof postgres.PostgresError)) throw error;
      throw rpcError(name, error.code, error.message, error);
    }
  };
}

/** The same, with the hour in front of each call: both travel together, which spares each of some hundreds a test a round trip. */
export function atHour(rpc: Rpc, setHour: () => Promise<void>): Rpc {
  return async (name, args) => {
    const [, answer] = await Promise.all([setHour(), rpc(name, args)]);
    return answer;
  };
}

/** Another text in each state of what follows from the catalog; the same in copies of one database. */
const CATALOG_STATE = `select concat_ws('/', current_setting('server_version_num'), ${CATALOG_TABLES.map(
  (table) =>
    `(select md5(string_agg(oid || '.' || xmin, ',' order by oid)) from pg_catalog.${table} where oid >= ${FIRST_OWN_ID})`,
).join(", ")}) as state`;

/** What a session's calls need to know of the catalog. To read it takes a tenth of a second, which each test would spend. */
interface Known {
  reach: Reach;
  statements: Map<string, string>;
}
const knownOf = new Map<string, Known>();

async function knownNow(sql: Session): Promise<Known> {
  const [row] = await sql.unsafe(CATALOG_STATE);
  const state = String(row?.["state"]);
  const known = knownOf.get(state) ?? {
    reach: createReach(await readCatalog({ run: (query, parameters) => sql.unsafe(query, parameters) })),
    statements: await readStatements(sql),
  };
  knownOf.set(state, known);
  return known;
}

/** Throws for a function that the platform's pg-safeupdate may refuse, as the functions are now. */
export async function openSafeUpdate(sql: Session): Promise<(name: string) => void> {
  const { reach } = await knownNow(sql);
  return (name) => {
    const refusal = reach.refusal({ schema: "public", name }, []);
    if (refusal === undefined) return;
    throw new Error(
      `Cannot call ${name}: 21000 ${refusal.verb} requires a WHERE clause (${refusal.signature})`,
    );
  };
}

/** For each function of the Data API the statement that PostgREST would make of a call with a JSON body. */
export async function rpcStatements(sql: Session): Promise<Map<string, string>> {
  return (await knownNow(sql)).statements;
}

async function readStatements(sql: Session): Promise<Map<string, string>> {
  const functions = await sql<{ name: string; names: string[] | null; types: string[]; returns: string }[]>`
    select pg_proc.proname as name, pg_proc.proargnames as names, pg_proc.prorettype::regtype::text as returns,
      (select coalesce(array_agg(format_type(type.id, null) order by type.position), '{}')
        from unnest(pg_proc.proargtypes) with ordinality as type (id, position)) as types
    from pg_proc where pg_proc.pronamespace = 'public'::regnamespace and pg_proc.prokind = 'f'`;
  return new Map(functions.map((one) => [one.name, statementOf(one)]));
}

function statementOf(one: {
  name: string;
  names: string[] | null;
  types: string[];
  returns: string;
}): string {
  const names = (one.names ?? []).slice(0, one.types.length);
  const call = `public.${one.name}(${names.map((name) => `${name} => body.${name}`).join(", ")})`;
  const columns = names.map((name, index) => `${name} ${one.types[index]}`).join(", ");
  const from =
    names.length === 0 ? "(select $1::text) as body" : `json_to_record($1::text::json) as body (${columns})`;
  const answer =
    one.returns === "void" ? `null::jsonb as answer, ${call}::text` : `to_jsonb(${call}) as answer`;
  return `select ${answer} from ${from}`;
}
