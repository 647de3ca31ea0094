import fs from "node:fs";
import path from "node:path";

export const REPOSITORY = path.resolve(import.meta.dirname, "../../..");

/** The folders that hold what we write; the top-level symlinks would show files twice. */
const SOURCE_FOLDERS = [
  "bench",
  "cli",
  "client",
  "dev",
  "installer",
  "pages",
  "session-service",
  "supabase",
  "tests",
];

export interface SourceFile {
  /** Relative to the repository, with slashes. */
  path: string;
  text: string;
}

/** Our own files with one of the endings, in order of their paths. Throws when there is none: then a rule checks nothing. */
export function sourceFiles(...endings: string[]): SourceFile[] {
  const found = SOURCE_FOLDERS.filter((folder) => fs.existsSync(path.join(REPOSITORY, folder))).flatMap(
    (folder) =>
      fs
        .readdirSync(path.join(REPOSITORY, folder), { recursive: true, encoding: "utf8" })
        .map((file) => path.posix.join(folder, file.replaceAll(path.sep, "/"))),
  );
  const files = found
    .filter((file) => endings.some((ending) => file.endsWith(ending)))
    .sort()
    .map((file) => ({ path: file, text: readText(file) }));
  if (files.length === 0) throw new Error(`No file ends with ${endings.join(" or ")}`);
  return files;
}

/** A file of the repository as text. */
export function readText(file: string): string {
  return fs.readFileSync(path.join(REPOSITORY, file), "utf8");
}

/** A JSON file of the repository. */
export function readJson<T>(file: string): T {
  return JSON.parse(readText(file)) as T;
}

/** The slugs of the edge functions: the folders that the CLI takes for one, by name and index.ts. */
export function functionSlugs(): string[] {
  const folder = path.join(REPOSITORY, "supabase/functions");
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => /^[A-Za-z]/.test(entry.name))
    .filter((entry) => fs.existsSync(path.join(folder, entry.name, "index.ts")))
    .map((entry) => entry.name)
    .sort();
}

/** The lines in which a pattern occurs, as `path:line`; comments of TypeScript and SQL are not searched. */
export function linesWith(file: SourceFile, pattern: RegExp): string[] {
  return withoutComments(file)
    .split("\n")
    .flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1}`] : []));
}

/** Blanks comments and keeps the lines. A string that looks like a comment goes too, which hides code after `//` in it. */
function withoutComments({ path: file, text }: SourceFile): string {
  const comment = file.endsWith(".sql") ? /--.*$/gm : /\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*$/gm;
  return text.replace(comment, (found) => found.replace(/[^\n]/g, " "));
}
