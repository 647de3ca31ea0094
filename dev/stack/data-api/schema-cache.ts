import { z } from "zod";
import { type ApiFunction, findFunctions } from "./catalog.ts";
import type { Reader } from "./connection-pool.ts";
import { CATALOG_TABLES, FIRST_OWN_ID, readCatalog } from "./safe-update/catalog.ts";
import { createReach, type Reach } from "./safe-update/guard.ts";

/**
 * Another text after every change of a function, a trigger, a foreign key, a view or a role's settings: a row that is made or
 * changed has a later transaction than all before it, so with as many rows as before the sum is a larger one.
 */
const VERSION_QUERY = `select concat_ws('/', ${[
  ...CATALOG_TABLES.map((table) => `${table} where oid >= ${FIRST_OWN_ID}`),
  "pg_db_role_setting",
]
  .map((rows) => `(select count(*) || '.' || coalesce(sum(xmin::text::bigint), 0) from pg_catalog.${rows})`)
  .join(", ")}) as version`;
const ROLE_QUERY = `select unnest(setconfig) as setting from pg_catalog.pg_db_role_setting
  where setdatabase = 0 and setrole = (select oid from pg_catalog.pg_roles where rolname = $1)`;

const versionSchema = z.object({ version: z.string() });
const settingsSchema = z.array(z.object({ setting: z.string() }));

/** What calls need to know of the database, in one state of it. */
export interface Schema {
  functions(schema: string, name: string): Promise<ApiFunction[]>;
  /** Name and value of each setting that a role has of its own. */
  settingsOf(role: string): Promise<(readonly [string, string])[]>;
  reach(): Promise<Reach>;
}

/** Gives the schema as it is now. PostgREST has one as well, but learns of changes a moment later. */
export function createSchemaCache(reader: Reader): () => Promise<Schema> {
  let known: { version: string; schema: Schema } | undefined;
  return async () => {
    const [row] = await reader.run(VERSION_QUERY);
    const { version } = versionSchema.parse(row);
    if (known?.version !== version) known = { version, schema: openSchema(reader) };
    return known.schema;
  };
}

function openSchema(reader: Reader): Schema {
  return {
    functions: remembered((schema: string, name: string) => findFunctions(reader, schema, name)),
    settingsOf: remembered(async (role: string) =>
      settingsSchema.parse(await reader.run(ROLE_QUERY, [role])).map(({ setting }) => {
        const at = setting.indexOf("=");
        return [setting.slice(0, at), setting.slice(at + 1)] as const;
      }),
    ),
    reach: remembered(async () => createReach(await readCatalog(reader))),
  };
}

/** Asks once for each set of names; what failed is asked again. */
function remembered<Names extends string[], T>(
  ask: (...names: Names) => Promise<T>,
): (...names: Names) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (...names) => {
    const key = JSON.stringify(names);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = ask(...names);
    answers.set(key, answer);
    answer.catch(() => answers.delete(key));
    return answer;
  };
}
