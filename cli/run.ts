import fs from "node:fs";
import path from "node:path";
import { Command, CommanderError } from "commander";
import { type Language, type Say, same, sayIn, type Text } from "#shared/platform/text.ts";
import { EXIT, Failure, usageFailure } from "./failure.ts";
import type { Host } from "./host.ts";
import { languageFlagOf, languageOf } from "./language/choose.ts";
import { createOutput, type Output } from "./output.ts";
import { addDeciding } from "./program/decide.ts";
import { addMending } from "./program/mend.ts";
import { addMoving } from "./program/move.ts";
import { createRegistrar } from "./program/registrar.ts";
import { addSeeing } from "./program/see.ts";
import { addSettingUp } from "./program/set-up.ts";
import { usageText } from "./program/usage.ts";
import { createPrompts } from "./prompts.ts";
import { fitRemedy } from "./remedy.ts";
import type { Target } from "./target.ts";
import { createTerminal } from "./terminal.ts";
import { PROGRAM } from "./words/program.ts";

/** One run of the operator's command: reads `host.argv`, writes to its streams and sets its exit code. */
export async function run(host: Host): Promise<void> {
  // Decided before anything is parsed, so that a wrong flag is answered in JSON and in the reader's language as well.
  const output = createOutput(host.argv.includes("--json"), {
    stdout: (text) => void host.stdout.write(text),
    stderr: (text) => void host.stderr.write(text),
  });
  /** What the command works on, once it is known; remedies are fitted to it. */
  let target: Target | null = null;
  /** The shell's, while it is not known whether what was asked for is a language. */
  let language: Language = languageOf(undefined, host.env);
  const program = () =>
    programIn(host, language, output, (found) => {
      target = found;
    });
  try {
    language = languageOf(languageFlagOf(host.argv), host.env);
    await program().parseAsync(host.argv);
  } catch (error) {
    host.exitCode = report(error, sayIn(language), target, output, () => program().helpInformation());
  }
}

function programIn(
  host: Host,
  language: Language,
  output: Output,
  onTarget: (target: Target) => void,
): Command {
  const say = sayIn(language);
  const titles: Readonly<Record<string, Text>> = {
    "Usage:": PROGRAM.usage,
    "Options:": PROGRAM.options,
    "Commands:": PROGRAM.commands,
    "Arguments:": PROGRAM.arguments,
  };
  const program = new Command("npm run amocrm --")
    .description(say(PROGRAM.description))
    .configureHelp({ styleTitle: (title) => say(titles[title] ?? same(title)) })
    .configureOutput({ writeOut: (text) => void host.stdout.write(text), writeErr: () => {} })
    .exitOverride()
    .helpOption("-h, --help", say(PROGRAM.help))
    .helpCommand(false)
    .version(version(), "-V, --version", say(PROGRAM.version))
    .option("--json", say(PROGRAM.json))
    .option("--lang <en|ru>", say(PROGRAM.lang))
    .addHelpText("after", say(PROGRAM.after));
  const terminal = createTerminal(host, language);
  const prompts = terminal.isInteractive
    ? createPrompts({ input: host.stdin, output: host.stderr }, language)
    : null;
  const registrar = createRegistrar(program, host, language, output, onTarget);
  addSeeing(registrar, host, output, terminal);
  addMending(registrar, terminal);
  addDeciding(registrar, terminal);
  addMoving(registrar, terminal);
  addSettingUp(registrar, host, output, terminal, prompts === null ? null : { prompts, terminal });
  return program;
}

/** That of package.json, which is beside this folder. */
function version(): string {
  const file = path.join(import.meta.dirname, "../package.json");
  return (JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version;
}

/** Says what went wrong, in words on stderr and in JSON mode on stdout, and tells the exit code. */
function report(
  error: unknown,
  say: Say,
  target: Target | null,
  { document, note }: Output,
  help: () => string,
): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  const failure =
    error instanceof Failure
      ? error
      : error instanceof CommanderError
        ? usageFailure(usageText(error), PROGRAM.seeHelp)
        : null;
  if (failure === null) throw error;
  const { code, says, exitCode } = failure;
  const message = say(says);
  const remedy = failure.mend === null ? null : say(fitRemedy(failure.mend, target));
  if (error instanceof CommanderError && error.code === "commander.help") note(help());
  note(`✗ ${message}`);
  if (remedy !== null) note(`  ${remedy}`);
  document({ error: { code, message, remedy } });
  return exitCode;
}
