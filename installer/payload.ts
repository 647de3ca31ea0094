import fs from "node:fs";
import path from "node:path";
import { z } from "zod";

const Names = z.array(z.string());
const Hash = z.string().regex(/^[0-9a-f]{64}$/);

/** What the package writes into a project: beside it, in `supabase/`, lie the files themselves. */
export const Payload = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+/),
  /** In the order in which they are applied. `name` is that of the file without its time. */
  migrations: z.array(z.object({ file: z.string(), step: z.string(), name: z.string(), hash: Hash })),
  functions: z.array(
    z.object({
      slug: z.string(),
      module: z.string(),
      /** Everything that it needs, under functions/. */
      files: Names,
      /** As it stands in config.toml. */
      config: z.record(z.string(), z.union([z.string(), z.boolean()])),
    }),
  ),
  /** Of each file under functions/. */
  hashes: z.record(z.string(), Hash),
  vault: z.record(z.string(), z.string()),
  /** What the migrations make outside of the schema amocrm, and how they can be taken out again. */
  objects: z.object({ functions: Names, views: Names, tables: Names, cronJobs: Names }),
  removalSql: z.string(),
});
export type Payload = z.infer<typeof Payload>;

/** Our own folder among the host's functions: no other package takes it. */
export const SHARED = "_shared/supabase-amocrm";

/** The payload of a built package, and a reader of its files. */
export function readPayload(dist: string): { payload: Payload; read(file: string): string } {
  const payload = Payload.parse(JSON.parse(fs.readFileSync(path.join(dist, "payload.json"), "utf8")));
  return { payload, read: (file) => fs.readFileSync(path.join(dist, "supabase", file), "utf8") };
}
