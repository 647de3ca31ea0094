import fs from "node:fs";
import path from "node:path";
import { sentenceFiles } from "../sentences/sentences.ts";
import { isGenerated, migrationFiles } from "./migration-files.ts";
import { SUPABASE_DIR, schemaFiles } from "./schema-files.ts";

/** Writes the migrations of the first release anew from supabase/schemas. Nobody has applied them before that release. */
// First what is made of the words in TypeScript, since it is part of the schemas.
for (const { file, text } of sentenceFiles()) fs.writeFileSync(file, text);
const folder = path.join(SUPABASE_DIR, "migrations");
const files = migrationFiles(schemaFiles());
fs.mkdirSync(folder, { recursive: true });
for (const old of fs.readdirSync(folder).filter(isGenerated)) fs.rmSync(path.join(folder, old));
for (const { name, text } of files) fs.writeFileSync(path.join(folder, name), text);
console.log(`Wrote ${files.length} migrations to ${path.relative(process.cwd(), folder)}`);
