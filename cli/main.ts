#!/usr/bin/env node
/** `npm run amocrm -- <command>`: the operator's command, against a hosted project or the local stack. */
import fs from "node:fs";
import path from "node:path";
import { Command, CommanderError } from "commander";
import { type Language, same, sayIn, type Text } from "#shared/platform/text.ts";
import { EXIT, Failure, usageFailure } from "./failure.ts";
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

// Decided before anything is parsed, so that a wrong flag is answered in JSON and in the reader's language as well.
const output = createOutput(process.argv.includes("--json"), {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
});
/** What the command works on, once it is known; remedies are fitted to it. */
let target: Target | null = null;

// The reader of our output has enough (… | head -1): nothing is left to be said.
process.stdout.on("error", () => process.exit());

/** The shell's, while it is not known whether what was asked for is a language. */
let language: Language = languageOf(undefined, process.env);
try {
  language = languageOf(languageFlagOf(process.argv), process.env);
  await programIn(language, output).parseAsync();
} catch (error) {
  process.exitCode = report(error, language, output);
}

function programIn(language: Language, output: Output): Command {
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
    .configureOutput({ writeErr: () => {} })
    .exitOverride()
    .helpOption("-h, --help", say(PROGRAM.help))
    .helpCommand(false)
    .version(version(), "-V, --version", say(PROGRAM.version))
    .option("--json", say(PROGRAM.json))
    .option("--lang <en|ru>", say(PROGRAM.lang))
    .addHelpText("after", say(PROGRAM.after));
  const terminal = createTerminal(process, language);
  const prompts = terminal.isInteractive
    ? createPrompts({ input: process.stdin, output: process.stderr }, language)
    : null;
  const registrar = createRegistrar(program, language, output, (found) => {
    target = found;
  });
  addSeeing(registrar, output, terminal);
  addMending(registrar, terminal);
  addDeciding(registrar, terminal);
  addMoving(registrar, terminal);
  addSettingUp(registrar, output, terminal, prompts === null ? null : { prompts, terminal });
  return program;
}

/** That of package.json, which is beside this folder. */
function version(): string {
  const file = path.join(import.meta.dirname, "../package.json");
  return (JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version;
}

/** Says what went wrong, in words on stderr and in JSON mode on stdout, and tells the exit code. */
function report(error: unknown, language: Language, { document, note }: Output): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  const failure =
    error instanceof Failure
      ? error
      : error instanceof CommanderError
        ? usageFailure(usageText(error), PROGRAM.seeHelp)
        : null;
  if (failure === null) throw error;
  const say = sayIn(language);
  const { code, says, exitCode } = failure;
  const message = say(says);
  const remedy = failure.mend === null ? null : say(fitRemedy(failure.mend, target));
  if (error instanceof CommanderError && error.code === "commander.help") {
    note(programIn(language, output).helpInformation());
  }
  note(`✗ ${message}`);
  if (remedy !== null) note(`  ${remedy}`);
  document({ error: { code, message, remedy } });
  return exitCode;
}
