import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { readStackFile } from "../stack/command/stack-file.ts";
import { buildPage, type PageProject } from "./build.ts";

const DEFAULT_STACK_FILE = ".dev/stack.json";
const PAGES = ["managers", "welcome"];
const USAGE = `npm run page -- [managers|welcome] --url https://<project>.supabase.co --key sb_publishable_… [--out managers.html]
  --course https://school.example/course   welcome only: where its last button leads
Without --url and --key: for the local stack that is running (npm run dev).`;

function projectOf({ url, key }: { url?: string | undefined; key?: string | undefined }): PageProject {
  if (url === undefined && key === undefined) {
    const stack = readStackFile(DEFAULT_STACK_FILE);
    if (stack === undefined)
      throw new Error(`No project is named, and there is no local stack at ${DEFAULT_STACK_FILE}`);
    return { url: stack.url, publishableKey: stack.publishableKey };
  }
  if (url === undefined || key === undefined) throw new Error("--url and --key belong together");
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Error("--url is not an http or https URL");
  // The file is public: a secret key in it would open the whole project to every visitor.
  if (!isPublicKey(key)) throw new Error("--key is not a publishable key (sb_publishable_…) or an anon key");
  return { url, publishableKey: key };
}

function courseOf(courseUrl: string | undefined): { courseUrl?: string } {
  if (courseUrl === undefined) return {};
  if (!URL.canParse(courseUrl) || !/^https?:$/.test(new URL(courseUrl).protocol))
    throw new Error("--course is not an http or https URL");
  return { courseUrl };
}

function isPublicKey(key: string): boolean {
  if (/^sb_publishable_[\w-]+$/.test(key)) return true;
  const claims = /^eyJ[\w-]+\.([\w-]+)\.[\w-]+$/.exec(key)?.[1];
  return claims !== undefined && Buffer.from(claims, "base64url").toString().includes('"role":"anon"');
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      course: { type: "string" },
      url: { type: "string" },
      key: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(USAGE);
  } else {
    const [name = "managers"] = positionals;
    if (!PAGES.includes(name)) throw new Error(`There is no page ${name}`);
    const out = path.resolve(values.out ?? `.dev/${name}.html`);
    const page = await buildPage(name, { ...projectOf(values), ...courseOf(values.course) });
    fs.mkdirSync(path.dirname(out), { recursive: true });
    fs.writeFileSync(out, page);
    console.log(
      `Wrote ${out} (${Math.round(page.length / 1024)} KB). Put it on any web server, or open it as it is.`,
    );
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  process.exitCode = 2;
}
