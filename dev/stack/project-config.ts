import fs from "node:fs";
import path from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";

/** What the stand-in reads of supabase/config.toml; everything has the CLI's default. */
const configSchema = z.object({
  api: z
    .object({
      schemas: z.array(z.string()).default(["public", "graphql_public"]),
      extra_search_path: z.array(z.string()).default(["public", "extensions"]),
      max_rows: z.int().default(1000),
    })
    .prefault({}),
  auth: z
    .object({
      jwt_expiry: z.int().default(3600),
      site_url: z.string().default("http://127.0.0.1:3000"),
      additional_redirect_urls: z.array(z.string()).default([]),
      email: z.object({ enable_confirmations: z.boolean().default(false) }).prefault({}),
    })
    .prefault({}),
  functions: z.record(z.string(), z.object({ verify_jwt: z.boolean().default(true) })).default({}),
});
export type ProjectConfig = z.infer<typeof configSchema>;

/** Reads `<root>/supabase/config.toml`; a project without one has the defaults. */
export function readProjectConfig(root: string): ProjectConfig {
  const file = path.join(root, "supabase", "config.toml");
  const result = configSchema.safeParse(fs.existsSync(file) ? parse(fs.readFileSync(file, "utf8")) : {});
  if (!result.success) throw new Error(`${file}: ${z.prettifyError(result.error)}`);
  return result.data;
}
