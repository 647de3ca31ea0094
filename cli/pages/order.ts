import fs from "node:fs";
import path from "node:path";
import { filled } from "#shared/platform/text.ts";
import { usageFailure } from "../failure.ts";
import { PAGE } from "../words/page.ts";
import type { PageProject } from "./fill.ts";

/** The pages that there are. */
export const PAGES = ["managers", "dashboard", "welcome", "unsubscribe", "card"] as const;
export type PageName = (typeof PAGES)[number];

/** What was typed. */
export interface PageFlags {
  name?: string | undefined;
  url?: string | undefined;
  key?: string | undefined;
  out?: string | undefined;
  brand?: string | undefined;
  logo?: string | undefined;
  course?: string | undefined;
}

const LOGO_TYPES: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".svg": "image/svg+xml",
};
const LOGO_MAX_BYTES = 200 * 1024;

export function pageNamed(name = "managers"): PageName {
  const known = PAGES.find((one) => one === name);
  if (known === undefined) throw usageFailure(filled(PAGE.noPage, { name }));
  return known;
}

/** The project of the flags, else the one that runs here; what goes into a page is looked at before it does. */
export function projectOf(
  { url, key, brand, logo, course }: PageFlags,
  local: () => PageProject,
): PageProject {
  return {
    ...(url === undefined && key === undefined ? local() : projectNamed(url, key)),
    ...(course === undefined ? {} : { courseUrl: httpUrl(course, "--course") }),
    ...(brand === undefined ? {} : { brand }),
    ...(logo === undefined ? {} : { logo: pictureIn(logo) }),
  };
}

function projectNamed(url: string | undefined, key: string | undefined): PageProject {
  if (url === undefined || key === undefined) throw usageFailure(PAGE.together);
  // The file is public: a secret key in it would open the whole project to every visitor.
  if (!isPublicKey(key)) throw usageFailure(PAGE.secretKey);
  return { url: httpUrl(url, "--url"), publishableKey: key };
}

function httpUrl(text: string, flag: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw usageFailure(filled(PAGE.badUrl, { flag }));
  return text;
}

/** In the page itself, whose policy loads none from elsewhere. */
function pictureIn(file: string): string {
  const type = LOGO_TYPES[path.extname(file).toLowerCase()];
  if (type === undefined) throw usageFailure(PAGE.logoType);
  if (!fs.existsSync(file)) throw usageFailure(filled(PAGE.noLogo, { file }));
  const bytes = fs.readFileSync(file);
  if (bytes.length > LOGO_MAX_BYTES) throw usageFailure(PAGE.logoLarge);
  return `data:${type};base64,${bytes.toString("base64")}`;
}

function isPublicKey(key: string): boolean {
  if (/^sb_publishable_[\w-]+$/.test(key)) return true;
  const claims = /^eyJ[\w-]+\.([\w-]+)\.[\w-]+$/.exec(key)?.[1];
  return claims !== undefined && Buffer.from(claims, "base64url").toString().includes('"role":"anon"');
}
