import { z } from "zod";
import { EXIT, Failure } from "../failure.ts";
import { UNINSTALL } from "../words/uninstall.ts";
import type { Ours } from "./ours.ts";
import type { Place } from "./place.ts";
import { LINKS_SQL, surveySql, uninstallSql } from "./removal-sql.ts";
import type { SupabaseCli } from "./supabase-cli.ts";

const Found = z.array(
  z.union([
    z.object({ kind: z.string(), name: z.string() }),
    z.object({ kind: z.null(), name: z.string(), row_count: z.number() }),
  ]),
);
const Deployed = z.object({ functions: z.array(z.object({ slug: z.string() })) });
const Links = z.array(
  z.object({
    subject_table: z.string(),
    subject_id: z.string(),
    object: z.string(),
    amocrm_id: z.coerce.number(),
    created_at: z.string(),
  }),
);

/** What an uninstallation would take away and leave. */
export interface Survey {
  removed: { kind: string; name: string }[];
  /** Edge functions that are deployed. */
  functions: string[];
  kept: { name: string; row_count: number }[];
  /** Messages that have not reached amoCRM, and never will. */
  unfinished_count: number;
}

/** Looks, and changes nothing. */
export async function survey(ours: Ours, place: Place, supabase: SupabaseCli): Promise<Survey> {
  const found = await read(surveySql(ours), Found, place, supabase);
  const deployed = place.isHosted
    ? Deployed.parse(await supabase(["functions", "list", `--remote=${place.remote}`])).functions
    : [];
  const rows = found.filter((row) => row.kind === null).map(({ name, row_count }) => ({ name, row_count }));
  return {
    removed: found.filter((row) => row.kind !== null),
    functions: deployed.map(({ slug }) => slug).filter((slug) => ours.slugs.includes(slug)),
    kept: rows.filter(({ name }) => name !== "amocrm_outbox"),
    unfinished_count: rows.find(({ name }) => name === "amocrm_outbox")?.row_count ?? 0,
  };
}

/** Which contact and deal in amoCRM stand for which row of ours. */
export async function readLinks(place: Place, supabase: SupabaseCli): Promise<z.infer<typeof Links>> {
  return await read(LINKS_SQL, Links, place, supabase);
}

async function read<T>(sql: string, rows: z.ZodType<T>, place: Place, supabase: SupabaseCli): Promise<T> {
  const answer = await supabase(["db", "query", `--remote=${place.remote}`, "--read-only", sql]);
  const parsed = rows.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new Failure("supabase_cli", UNINSTALL.oddAnswer, UNINSTALL.oddAnswerRemedy, EXIT.unreached);
}

/** Takes it out of the database, in one transaction, and then the functions, one by one. */
export async function remove(
  ours: Ours,
  place: Place,
  functions: readonly string[],
  supabase: SupabaseCli,
): Promise<void> {
  await supabase(["db", "query", `--remote=${place.remote}`, "--yes", uninstallSql(ours)]);
  for (const slug of functions) {
    await supabase(["functions", "delete", slug, `--remote=${place.remote}`, "--yes"]);
  }
}
