import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { rolldown } from "rolldown";

const PAGES = path.resolve(import.meta.dirname, "../../pages");

/** The project that a page works on. All values are public: every page of the project shows them. */
export interface PageProject {
  url: string;
  publishableKey: string;
  /** Where the course is, for the welcome page's last button. */
  courseUrl?: string;
  /** The company's name, beside the page's. */
  brand?: string;
  /** Its picture as a data: URL. */
  logo?: string;
}

/** Pages with a form that leaves the page, for the project's functions and back by way of Supabase Auth. */
const POSTING_PAGES = ["welcome"];

/**
 * One page as one file that needs nothing else and may be hosted anywhere. Its policy lets it run its own script and
 * style only and talk to its project only, so that nothing smuggled into it could carry a session away.
 */
export async function buildPage(name: string, project: PageProject): Promise<string> {
  const folder = path.join(PAGES, name);
  const read = (file: string): string => fs.readFileSync(path.join(folder, file), "utf8");
  const style = read("page.css");
  const script = await bundle(path.join(folder, "main.ts"));
  const origin = new URL(project.url).origin;
  const policy = [
    "default-src 'none'",
    "base-uri 'none'",
    POSTING_PAGES.includes(name) ? `form-action ${origin} 'self'` : "form-action 'none'",
    "img-src data:",
    `connect-src ${origin}`,
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
  ].join("; ");
  const parts: Readonly<Record<string, string>> = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    style: `<style>${style}</style>`,
    project: `<script type="application/json" id="project">${inScript(JSON.stringify({ ...project, url: origin }))}</script>`,
    script: `<script type="module">${script}</script>`,
  };
  return read("page.html").replace(/<!-- (\w+) -->/g, (mark, part: string) => parts[part] ?? mark);
}

async function bundle(entry: string): Promise<string> {
  const build = await rolldown({ input: entry, platform: "browser", logLevel: "warn" });
  try {
    const { output } = await build.generate({ format: "es", minify: true, codeSplitting: false });
    // The hash is taken of exactly what the browser reads between the tags.
    return inScript(output[0].code);
  } finally {
    await build.close();
  }
}

/** What would end the element early, or open one that hides its end, is written with an escape. */
function inScript(text: string): string {
  return text.replaceAll("</script", "<\\/script").replaceAll("<!--", "\\x3c!--");
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
