import fs from "node:fs";
import path from "node:path";
import { readStackFile } from "#dev/stack/command/stack-file.ts";
import { filled, type Say, same } from "#shared/platform/text.ts";
import { EXIT, usageFailure } from "../failure.ts";
import type { Output } from "../output.ts";
import { fillPage } from "../pages/fill.ts";
import { type PageFlags, type PageName, pageNamed, projectOf } from "../pages/order.ts";
import { DEFAULT_STACK_FILE } from "../target.ts";
import { PAGE } from "../words/page.ts";

const EXAMPLE = same("npm run page -- dashboard --url https://<project>.supabase.co --key sb_publishable_…");

export interface PageContext {
  /** A stack file, where one is named. */
  local: string | true | undefined;
  output: Output;
  say: Say;
  /** The page without a project, built before or just now. */
  templateOf: (name: PageName) => Promise<string>;
  /** Where a page goes if nobody says. */
  folder: string;
}

/** `page`: one of the pages as a file, for a project. */
export async function runPage(flags: PageFlags, context: PageContext): Promise<number> {
  const { local, output, say, templateOf, folder } = context;
  const name = pageNamed(flags.name);
  const project = projectOf(flags, () => {
    const file = typeof local === "string" ? local : DEFAULT_STACK_FILE;
    const stack = readStackFile(file);
    if (stack === undefined) throw usageFailure(filled(PAGE.noProject, { file }), EXAMPLE);
    return { url: stack.url, publishableKey: stack.publishableKey };
  });
  if (name === "welcome" && project.courseUrl === undefined) output.note(say(PAGE.noCourse));
  const page = fillPage(await templateOf(name), project);
  const file = path.resolve(flags.out ?? path.join(folder, `${name}.html`));
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, page);
  output.line(say(PAGE.wrote, { file, size: Math.round(page.length / 1024) }));
  output.document({ file, url: project.url });
  return EXIT.ok;
}
