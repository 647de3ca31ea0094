/** `supabase-amocrm init | update | doctor | uninstall`: into a Supabase project that is there already, and out of it. */
import "#dev/package/older-node.ts";
import { languageFlagOf, languageOf } from "#cli/language/choose.ts";
import { createTerminal } from "#cli/terminal.ts";
import { createSupabaseCli } from "#cli/uninstall/supabase-cli.ts";
import { readArguments } from "./arguments.ts";
import { runDoctor } from "./doctor.ts";
import { readPayload } from "./payload.ts";
import { run } from "./run.ts";
import { EXIT, type Surroundings } from "./surroundings.ts";
import { say, WORDS } from "./words.ts";

const DIST = import.meta.dirname;
const args = process.argv.slice(2);
// A language that nobody speaks here is answered in English.
const flag = languageFlagOf(args);
const language = languageOf(flag === "en" || flag === "ru" ? flag : undefined, process.env);
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const order = readArguments(args);

if (order === "help") {
  print(WORDS[language].help);
} else if (order === "version") {
  print(readPayload(DIST).payload.version);
} else if ("code" in order) {
  process.stderr.write(`✗ ${say(language, order)}\n`);
  process.exitCode = EXIT.refused;
} else {
  const terminal = createTerminal(process, language);
  const surroundings: Surroundings = {
    ...readPayload(DIST),
    dist: DIST,
    cwd: process.cwd(),
    now: new Date(),
    language,
    print,
    supabase: createSupabaseCli(process.env),
    confirm: terminal.isInteractive ? (question) => terminal.confirm(question) : null,
  };
  process.exitCode =
    order.command === "doctor" ? await runDoctor(order, surroundings) : await run(order, surroundings);
}
