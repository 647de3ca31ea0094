import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { rolldown } from "rolldown";
import { fillPage, inScript, NOBODYS_ORIGIN, type PageProject, projectElement } from "#cli/pages/fill.ts";

const PAGES = path.resolve(import.meta.dirname, "../../pages");

/** Pages with a form that leaves the page, for the project's functions and back by way of Supabase Auth. */
const POSTING_PAGES = ["welcome"];

/**
 * One page as one file that needs nothing else and may be hosted anywhere. Its policy lets it run its own script and
 * style only and talk to its project only, so that nothing smuggled into it could carry a session away.
 */
export async function buildPage(name: string, project: PageProject): Promise<string> {
  return fillPage(await buildTemplate(name), project);
}

/** The same for nobody's project yet: `fillPage` gives it one without building anything. */
export async function buildTemplate(name: string): Promise<string> {
  return (await buildWithSources(name)).template;
}

/** A template, and the files whose code is in it. */
export async function buildWithSources(name: string): Promise<{ template: string; sources: string[] }> {
  const folder = path.join(PAGES, name);
  const read = (file: string): string => fs.readFileSync(path.join(folder, file), "utf8");
  const style = read("page.css");
  const { script, sources } = await bundle(path.join(folder, "main.ts"));
  const policy = [
    "default-src 'none'",
    "base-uri 'none'",
    POSTING_PAGES.includes(name) ? `form-action ${NOBODYS_ORIGIN} 'self'` : "form-action 'none'",
    "img-src data:",
    `connect-src ${NOBODYS_ORIGIN}`,
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
  ].join("; ");
  const parts: Readonly<Record<string, string>> = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    style: `<style>${style}</style>`,
    project: projectElement({ url: NOBODYS_ORIGIN, publishableKey: "" }),
    script: `<script type="module">${script}</script>`,
  };
  const template = read("page.html").replace(/<!-- (\w+) -->/g, (mark, part: string) => parts[part] ?? mark);
  return { template, sources };
}

async function bundle(entry: string): Promise<{ script: string; sources: string[] }> {
  const build = await rolldown({ input: entry, platform: "browser", logLevel: "warn" });
  try {
    const { output } = await build.generate({ format: "es", minify: true, codeSplitting: false });
    // The hash is taken of exactly what the browser reads between the tags.
    return { script: inScript(output[0].code), sources: output[0].moduleIds };
  } finally {
    await build.close();
  }
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
