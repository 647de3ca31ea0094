import fs from "node:fs";
import path from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";

const REPOSITORY = path.resolve(import.meta.dirname, "../..");

export const SUPABASE_DIR = path.join(REPOSITORY, "supabase");

/** Where a schema file stands, relative to supabase/: the area's number and name, and the concept. */
const SCHEMA_PATH = /^\.\/schemas\/((\d{2})-([a-z-]+))\/[a-z-]+\.sql$/;

const configSchema = z.object({
  db: z.object({ migrations: z.object({ schema_paths: z.array(z.string()).min(1) }) }),
});

export interface SchemaFile {
  /** Relative to supabase/, such as `schemas/10-outbox/claim.sql`. */
  path: string;
  /** The folder, such as `10-outbox`. */
  area: string;
  text: string;
}

/** All schema files in the order in which config.toml lists them, which is the order of applying them. */
export function schemaFiles(supabaseDir: string = SUPABASE_DIR): SchemaFile[] {
  const text = fs.readFileSync(path.join(supabaseDir, "config.toml"), "utf8");
  return configSchema.parse(parse(text)).db.migrations.schema_paths.map((listed) => {
    const area = SCHEMA_PATH.exec(listed)?.[1];
    if (area === undefined)
      throw new Error(`schema_paths: ${listed} must be ./schemas/<nn-area>/<concept>.sql`);
    return {
      path: listed.slice("./".length),
      area,
      text: fs.readFileSync(path.join(supabaseDir, listed), "utf8"),
    };
  });
}
