import { z } from "zod";
import { type ApiFunction, findFunctions } from "./catalog.ts";
import type { Reader } from "./connection-pool.ts";
import { CATALOG_TABLES, FIRST_OWN_ID, readCatalog } from "./safe-update/catalog.ts";
import { createReach, type Reach } from "./safe-update/guard.ts";

/**
 * Another text after every change of a function, a trigger, a foreign key, a view or a role's settings: a row that is made or
 * changed has a later transaction than all before it, so with as many rows as before the sum is a larger one. An xid is no number;
 * the difference of two ages is one, and quicker to have than through the xid's text.
 */
const VERSION_QUERY = `select concat_ws('/', ${[
  ...CATALOG_TABLES.map((table) => `${table} where oid >= $1::oid`),
  "pg_db_role_setting",
]
  .map(
    (rows) =>
      `(select count(*) || '.' || coalesce(sum(age('3'::xid) - age(xmin)), 0) from pg_catalog.${rows})`,
  )
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
  const look = async (): Promise<Schema> => {
    const [row] = await reader.run(VERSION_QUERY, [String(FIRST_OWN_ID)]);
    const { version } = versionSchema.parse(row);
    if (known?.version !== version) known = { version, schema: openSchema(reader) };
    return known.schema;
  };
  return shared(look);
}

/**
 * Whoever asks while an answer is on its way shares the next one, which begins after all of them have asked: the one under way
 * may have looked before.
 */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    next = undefined;
    const answer = ask();
    current = answer;
    const over = (): void => {
      if (current === answer) current = undefined;
    };
    answer.then(over, over);
    return answer;
  };
  return () => {
    if (current === undefined) return begin();
    next ??= current.then(begin, begin);
    return next;
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
