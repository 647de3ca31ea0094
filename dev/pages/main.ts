/** `npm run page`: a page of this repository as one file. */
import { parseArgs } from "node:util";
import { runPage } from "#cli/commands/page.ts";
import { Failure } from "#cli/failure.ts";
import { languageFlagOf, languageOf } from "#cli/language/choose.ts";
import { createOutput } from "#cli/output.ts";
import { PAGE } from "#cli/words/page.ts";
import { sayIn } from "#shared/platform/text.ts";
import { buildTemplate } from "./build.ts";

/** A language that nobody speaks here is answered in the shell's. */
const flag = languageFlagOf(process.argv);
const say = sayIn(languageOf(flag === "en" || flag === "ru" ? flag : undefined, process.env));

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
    const output = createOutput(false, {
      stdout: (text) => void process.stdout.write(text),
      stderr: (text) => void process.stderr.write(text),
    });
    const flags = { ...values, name: positionals[0] };
    await runPage(flags, { local: undefined, output, say, templateOf: buildTemplate, folder: ".dev" });
  }
} catch (error) {
  const reason = error instanceof Failure ? say(error.says) : error instanceof Error ? error.message : error;
  console.error(`${reason}\n${say(PAGE.usage)}`);
  process.exitCode = 2;
}
