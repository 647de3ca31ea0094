import fs from "node:fs";
import path from "node:path";

/** What of package.json is the package's; the rest is for those who work on it. */
const KEPT = ["name", "version", "license", "type", "description", "bin", "files"] as const;

/**
 * The package.json of the package. Everything that it runs is bundled, so it depends on nothing: else whoever installs it
 * would get our Deno, our Supabase CLI and, in node_modules/.bin, our Node in the place of his own.
 */
function packedManifest(manifest: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { node } = manifest["engines"] as { node: string };
  return { ...Object.fromEntries(KEPT.map((field) => [field, manifest[field]])), engines: { node } };
}

const kept = (repository: string): string => path.join(repository, ".dev/package.json");

/** Before `npm pack`, which takes package.json as it lies there. */
export function swapManifest(repository: string): void {
  const file = path.join(repository, "package.json");
  const text = fs.readFileSync(file, "utf8");
  fs.mkdirSync(path.dirname(kept(repository)), { recursive: true });
  fs.writeFileSync(kept(repository), text);
  fs.writeFileSync(file, `${JSON.stringify(packedManifest(JSON.parse(text)), null, 2)}\n`);
}

/** After it, and before a build, for what an interrupted pack has left. */
export function restoreManifest(repository: string): void {
  if (!fs.existsSync(kept(repository))) return;
  fs.copyFileSync(kept(repository), path.join(repository, "package.json"));
  fs.rmSync(kept(repository));
}
