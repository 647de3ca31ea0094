import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { languageFlagOf, languageOf } from "#cli/language/choose.ts";
import { type Facts, sayIn, type Text } from "#shared/platform/text.ts";
import { readStackFile } from "../stack/command/stack-file.ts";
import { PAGE } from "../words/page.ts";
import { buildPage, type PageProject } from "./build.ts";

const DEFAULT_STACK_FILE = ".dev/stack.json";
const PAGES = ["managers", "dashboard", "welcome", "unsubscribe", "card"];

/** A language that nobody speaks here is answered in the shell's. */
const flag = languageFlagOf(process.argv);
const say = sayIn(languageOf(flag === "en" || flag === "ru" ? flag : undefined, process.env));
const refusal = (text: Text, facts: Facts = {}): Error => new Error(say(text, facts));

function projectOf({ url, key }: { url?: string | undefined; key?: string | undefined }): PageProject {
  if (url === undefined && key === undefined) {
    const stack = readStackFile(DEFAULT_STACK_FILE);
    if (stack === undefined) throw refusal(PAGE.noProject, { file: DEFAULT_STACK_FILE });
    return { url: stack.url, publishableKey: stack.publishableKey };
  }
  if (url === undefined || key === undefined) throw refusal(PAGE.together);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw refusal(PAGE.badUrl, { flag: "--url" });
  // The file is public: a secret key in it would open the whole project to every visitor.
  if (!isPublicKey(key)) throw refusal(PAGE.secretKey);
  return { url, publishableKey: key };
}

function courseOf(courseUrl: string | undefined): { courseUrl?: string } {
  if (courseUrl === undefined) return {};
  if (!URL.canParse(courseUrl) || !/^https?:$/.test(new URL(courseUrl).protocol))
    throw refusal(PAGE.badUrl, { flag: "--course" });
  return { courseUrl };
}

const LOGO_TYPES: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".svg": "image/svg+xml",
};
const LOGO_MAX_BYTES = 200 * 1024;

/** The company's name and picture; the picture goes into the page itself, whose policy loads none from elsewhere. */
function brandOf({ brand, logo }: { brand?: string | undefined; logo?: string | undefined }) {
  const named = brand === undefined ? {} : { brand };
  if (logo === undefined) return named;
  const type = LOGO_TYPES[path.extname(logo).toLowerCase()];
  if (type === undefined) throw refusal(PAGE.logoType);
  const bytes = fs.readFileSync(logo);
  if (bytes.length > LOGO_MAX_BYTES) throw refusal(PAGE.logoLarge);
  return { ...named, logo: `data:${type};base64,${bytes.toString("base64")}` };
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
      brand: { type: "string" },
      course: { type: "string" },
      logo: { type: "string" },
      url: { type: "string" },
      key: { type: "string" },
      lang: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(say(PAGE.usage));
  } else {
    const [name = "managers"] = positionals;
    if (!PAGES.includes(name)) throw refusal(PAGE.noPage, { name });
    const out = path.resolve(values.out ?? `.dev/${name}.html`);
    if (name === "welcome" && values.course === undefined) console.warn(say(PAGE.noCourse));
    const project = { ...projectOf(values), ...courseOf(values.course), ...brandOf(values) };
    const page = await buildPage(name, project);
    fs.mkdirSync(path.dirname(out), { recursive: true });
    fs.writeFileSync(out, page);
    console.log(say(PAGE.wrote, { file: out, size: Math.round(page.length / 1024) }));
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n${say(PAGE.usage)}`);
  process.exitCode = 2;
}
