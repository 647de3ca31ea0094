import { z } from "zod";
import type { Place } from "#cli/uninstall/place.ts";
import { ifThere } from "#cli/uninstall/removal-sql.ts";
import type { SupabaseCli } from "#cli/uninstall/supabase-cli.ts";

const Versions = z.array(z.object({ of: z.enum(["migration", "database"]), version: z.string() }));
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

/** In one statement, since the CLI takes seconds to begin each; what is not there yet has no rows. */
const VERSIONS_SQL = `select 'migration' as "of", migration.version
from ${ifThere("supabase_migrations.schema_migrations", "version text")} as migration
union all
select 'database', installation.version from ${ifThere("amocrm.installation", "version text")} as installation`;

/** Asks through the Supabase CLI and its login, and changes nothing. Throws the command's Failure where it is not reached. */
export async function lookAt(place: Place, supabase: SupabaseCli): Promise<Found> {
  const versions = Versions.parse(
    (await supabase(["db", "query", `--remote=${place.remote}`, "--read-only", VERSIONS_SQL])) ?? [],
  );
  const list = place.isHosted
    ? Functions.parse(await supabase(["functions", "list", `--remote=${place.remote}`])).functions
    : null;
  return {
    applied: new Set(versions.filter((row) => row.of === "migration").map(({ version }) => version)),
    database: versions.find((row) => row.of === "database")?.version ?? null,
    deployed:
      list === null
        ? null
        : new Map(list.map(({ slug, import_map_path: map }) => [slug, map ?? ""] as const)),
  };
}
