import type { CommanderError } from "commander";
import { filled, same, type Text } from "#shared/platform/text.ts";
import { PROGRAM } from "../words/program.ts";

/** Commander's sentences, which it has in English only, by what they name. */
const SENTENCES: readonly (readonly [RegExp, Text])[] = [
  [/^unknown command '(?<name>[^']*)'/, PROGRAM.unknownCommand],
  [/^unknown option '(?<name>[^']*)'/, PROGRAM.unknownOption],
  [/^option '(?<name>[^']*)' argument missing/, PROGRAM.missingValue],
  [/^option '(?<name>[^']*)' argument '(?<value>[^']*)' is invalid\. (?<reason>.*)$/, PROGRAM.badValue],
  [/^missing required argument '(?<name>[^']*)'/, PROGRAM.missingArgument],
  [/^too many arguments.*?expected \d+ arguments? but got (?<count>\d+)/i, PROGRAM.excess],
];

/** What is wrong with how the command was called. A call without a command is told by its help. */
export function usageText(error: CommanderError): Text {
  if (error.code === "commander.help") return PROGRAM.noCommand;
  const message = error.message.replace(/^error: /, "");
  const meant = /\(Did you mean (?:one of )?([^)?]*)\?\)/.exec(message)?.[1];
  const near = meant === undefined ? "" : filled(PROGRAM.near, { name: meant });
  for (const [pattern, text] of SENTENCES) {
    const found = pattern.exec(message)?.groups;
    if (found !== undefined) return filled(text, { ...found, near });
  }
  return same(message);
}
