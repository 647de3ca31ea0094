import fs from "node:fs";
import path from "node:path";
import { OUR_FOLDER } from "../our-files.ts";

/** What is made outside of the schema amocrm, by name. */
export interface Ours {
  functions: string[];
  views: string[];
  /** Tables that go: ours alone. */
  tables: string[];
  /** Tables that stay, because people's data is in them: leads, and what belongs to the school. */
  keptTables: string[];
  cronJobs: string[];
  /** As `supabase db push` has them in its history. */
  migrations: string[];
  /** By their names in our own folder. */
  migrationFiles: string[];
  /** Edge functions. */
  slugs: string[];
}

/** Versions of our releases. A folder may hold others' migrations as well, which `migration fetch` has put there. */
const OUR_MIGRATION = /^2026113000\d{4}_\w+\.sql$/;
const SUPABASE = path.join(OUR_FOLDER, "supabase");

/** Reads it from the sources themselves, so that nothing new can be forgotten and nothing foreign be taken for ours. */
export function readOurs(folder: string = SUPABASE): Ours {
  const slugs = fs
    .readdirSync(path.join(folder, "functions"))
    .filter((name) => fs.existsSync(path.join(folder, "functions", name, "index.ts")));
  const migrations = path.join(folder, "migrations");
  const files = fs.readdirSync(migrations).filter((file) => OUR_MIGRATION.test(file));
  const text = files.map((file) => fs.readFileSync(path.join(migrations, file), "utf8")).join("\n");
  const tables = namesIn(text, /^create table (?:if not exists )?public\.(\w+)/gm);
  const isKept = (name: string): boolean =>
    !/^(amocrm|message|form|followup|link|short|loyalty|unisender)_/.test(name);
  return {
    functions: namesIn(text, /^create (?:or replace )?function public\.(\w+)/gm),
    views: namesIn(text, /^create (?:or replace )?view public\.(\w+)/gm),
    tables: tables.filter((name) => !isKept(name)),
    keptTables: tables.filter(isKept),
    cronJobs: namesIn(text, /^select amocrm\.schedule_job\('([\w-]+)'/gm),
    migrationFiles: files.toSorted(),
    migrations: files.map((file) => file.slice(0, file.indexOf("_"))).toSorted(),
    slugs: slugs.toSorted(),
  };
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name = ""]) => name))].toSorted();
}
