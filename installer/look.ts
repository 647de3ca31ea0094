import { z } from "zod";
import type { Place } from "#cli/uninstall/place.ts";
import type { SupabaseCli } from "#cli/uninstall/supabase-cli.ts";

const History = z.array(z.object({ version: z.string(), name: z.string().nullable() }));
const Installed = z.array(z.object({ version: z.string() }));
const Functions = z.object({
  functions: z.array(z.object({ slug: z.string(), import_map_path: z.string().nullish() })),
});

/** What runs: asked of the project, where one is named. */
export interface Found {
  /** Versions in the history of migrations. */
  applied: Set<string>;
  /** The version that the database says it is; null where nothing is installed. */
  database: string | null;
  /** Import maps by function; null where there is a database only. */
  deployed: Map<string, string> | null;
}

/** Asks through the Supabase CLI and its login, and changes nothing. Throws the command's Failure where it is not reached. */
export async function lookAt(place: Place, supabase: SupabaseCli): Promise<Found> {
  const query = async <T>(sql: string, rows: z.ZodType<T[]>): Promise<T[]> =>
    rows.parse((await supabase(["db", "query", `--remote=${place.remote}`, "--read-only", sql])) ?? []);
  const isThere = (table: string): string =>
    `select '1' as version where to_regclass('${table}') is not null`;
  const hasHistory = (await query(isThere("supabase_migrations.schema_migrations"), Installed)).length > 0;
  const history = hasHistory
    ? await query("select version, name from supabase_migrations.schema_migrations", History)
    : [];
  const hasOurs = (await query(isThere("amocrm.installation"), Installed)).length > 0;
  const [row] = hasOurs ? await query("select version from amocrm.installation", Installed) : [];
  const list = place.isHosted
    ? Functions.parse(await supabase(["functions", "list", `--remote=${place.remote}`])).functions
    : null;
  return {
    applied: new Set(history.map(({ version }) => version)),
    database: row?.version ?? null,
    deployed:
      list === null
        ? null
        : new Map(list.map(({ slug, import_map_path: map }) => [slug, map ?? ""] as const)),
  };
}
