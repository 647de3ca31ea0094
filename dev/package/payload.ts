import fs from "node:fs";
import path from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { readOurs } from "#cli/uninstall/ours.ts";
import { uninstallSql } from "#cli/uninstall/removal-sql.ts";
import { hashOf, withMarker } from "#installer/marker.ts";
import { moduleOf } from "#installer/modules.ts";
import { type Payload, SHARED } from "#installer/payload.ts";

const Config = z.object({
  db: z.object({ vault: z.record(z.string(), z.string()).default({}) }).default({ vault: {} }),
  functions: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.boolean()]))),
});

/** What comes before a name in imports, which are spelt out, as an architecture test demands. */
const IMPORTS = String.raw`(?:\bfrom\s+|\bimport\s+|\bimport\()"`;
const IMPORTED = new RegExp(String.raw`${IMPORTS}(\.[^"]+)"`, "g");
const FROM_SHARED = new RegExp(String.raw`(${IMPORTS}\.\./)_shared/`, "g");

/** What the package writes into a project: the description, and each file by its place under supabase/. */
export function buildPayload(
  supabase: string,
  version: string,
): { payload: Payload; files: Map<string, string> } {
  const files = new Map<string, string>();
  const ours = readOurs(supabase);
  const config = Config.parse(parse(fs.readFileSync(path.join(supabase, "config.toml"), "utf8")));

  const migrations = ours.migrationFiles.map((file) => {
    const step = file.replace(/\.sql$/, "");
    const text = fs.readFileSync(path.join(supabase, "migrations", file), "utf8");
    files.set(`migrations/${file}`, withMarker(text, file, version, step));
    return { file, step, name: step.slice(step.indexOf("_") + 1), hash: hashOf(text) };
  });

  const functions = ours.slugs.map((slug) => {
    const module = moduleOf(slug);
    if (module === undefined) throw new Error(`installer/modules.ts does not say whose function ${slug} is`);
    const settings = config.functions[slug];
    if (settings === undefined) throw new Error(`config.toml has no [functions.${slug}]`);
    const sources = [...neededBy(path.join(supabase, "functions"), `${slug}/index.ts`), "deno.json"];
    for (const source of sources) {
      const place = placeOf(source);
      const text = withOurFolder(fs.readFileSync(path.join(supabase, "functions", source), "utf8"), source);
      files.set(`functions/${place}`, withMarker(text, source, version, place));
    }
    return {
      slug,
      module,
      files: sources.map(placeOf).toSorted(),
      config: { ...settings, import_map: `./functions/${SHARED}/deno.json` },
    };
  });

  const ofFunctions = [...files].filter(([file]) => file.startsWith("functions/")).toSorted();
  return {
    files,
    payload: {
      version,
      migrations,
      functions,
      hashes: Object.fromEntries(
        ofFunctions.map(([file, text]) => [file.slice("functions/".length), hashOf(text)]),
      ),
      // A secret key in the database is of an older time: setup takes it away again.
      vault: Object.fromEntries(
        Object.entries(config.db.vault).filter(([name]) => name !== "amocrm_cron_key"),
      ),
      objects: {
        functions: ours.functions,
        views: ours.views,
        tables: ours.tables,
        cronJobs: ours.cronJobs,
      },
      // The history stays as it is: the files of these migrations do.
      removalSql: uninstallSql({ ...ours, migrations: [], migrationFiles: [] }),
    },
  };
}

/** What a function imports, itself and types included, and what lies beside that and is no code: licences. */
function neededBy(functions: string, entry: string): string[] {
  const needed = new Set([entry]);
  // A set that grows while it is walked is walked to its new end.
  for (const file of needed) {
    const text = fs.readFileSync(path.join(functions, file), "utf8");
    for (const [, specifier = ""] of text.matchAll(IMPORTED)) {
      needed.add(path.posix.join(path.posix.dirname(file), specifier));
    }
  }
  const folders = new Set([...needed].map((file) => path.posix.dirname(file)));
  const beside = [...folders].flatMap((folder) =>
    fs
      .readdirSync(path.join(functions, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".ts"))
      .map((entry) => path.posix.join(folder, entry.name)),
  );
  return [...new Set([...needed, ...beside])];
}

/** Where a file of supabase/functions lies in a host's. */
function placeOf(source: string): string {
  if (source === "deno.json") return `${SHARED}/deno.json`;
  return source.startsWith("_shared/") ? `${SHARED}/${source.slice("_shared/".length)}` : source;
}

/** A function's own files reach the shared ones a folder deeper; those reach each other as before. */
function withOurFolder(text: string, source: string): string {
  if (source.startsWith("_shared/") || !source.endsWith(".ts")) return text;
  return text.replaceAll(FROM_SHARED, `$1${SHARED}/`);
}
