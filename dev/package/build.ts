import fs from "node:fs";
import path from "node:path";
import { rolldown } from "rolldown";
import { PAGES } from "#cli/pages/order.ts";
import { buildWithSources } from "#dev/pages/build.ts";
import { buildPayload } from "./payload.ts";

const REPOSITORY = path.resolve(import.meta.dirname, "../..");

/** The two commands of the package, and where each begins. */
const COMMANDS: Readonly<Record<string, string>> = {
  "amocrm.js": "dev/package/amocrm.ts",
  "supabase-amocrm.js": "installer/main.ts",
};

/** Builds all that the package holds beside its documents: two commands of plain JavaScript, what init writes, and the pages without a project. */
export async function buildPackage(dist: string = path.join(REPOSITORY, "dist")): Promise<void> {
  const { version } = JSON.parse(fs.readFileSync(path.join(REPOSITORY, "package.json"), "utf8")) as {
    version: string;
  };
  fs.rmSync(dist, { recursive: true, force: true });
  const { payload, files } = buildPayload(path.join(REPOSITORY, "supabase"), version);
  for (const [file, text] of files) write(path.join(dist, "supabase", file), text);
  write(path.join(dist, "payload.json"), `${JSON.stringify(payload, null, 1)}\n`);
  const packages = new Set<string>();
  for (const name of PAGES) {
    const { template, sources } = await buildWithSources(name);
    write(path.join(dist, "pages", `${name}.html`), template);
    for (const one of sources.flatMap(packageOf)) packages.add(one);
  }
  for (const [name, entry] of Object.entries(COMMANDS)) {
    const { code, from } = await bundle(path.join(REPOSITORY, entry));
    write(path.join(dist, name), code);
    for (const one of from) packages.add(one);
  }
  write(path.join(dist, "LICENSES.txt"), licencesOf([...packages].toSorted()));
}

/** One file that needs nothing but Node, and the packages whose code is in it. */
async function bundle(entry: string): Promise<{ code: string; from: string[] }> {
  const build = await rolldown({
    input: entry,
    platform: "node",
    logLevel: "warn",
    // Still common beside the Supabase CLI; older-node.ts has what it lacks.
    transform: { target: "node20" },
  });
  try {
    const { output } = await build.generate({ format: "es", codeSplitting: false });
    return { code: output[0].code, from: output[0].moduleIds.flatMap(packageOf) };
  } finally {
    await build.close();
  }
}

function packageOf(file: string): string[] {
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(file) ?? [];
  return name === undefined ? [] : [name];
}

/** MIT and ISC want their text to go with the code. */
function licencesOf(packages: readonly string[]): string {
  return packages
    .map((name) => {
      const folder = path.join(REPOSITORY, "node_modules", name);
      const file = fs.readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
      if (file === undefined) throw new Error(`${name} is bundled and has no file with its licence`);
      return `${name}\n\n${fs.readFileSync(path.join(folder, file), "utf8").trim()}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}
