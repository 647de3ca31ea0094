import { filled, type Text } from "#shared/platform/text.ts";
import { usageFailure } from "./failure.ts";
import type { Output } from "./output.ts";
import type { Terminal } from "./terminal.ts";
import { FLAGS } from "./words/flags.ts";

/** The flag of every command that asks before it does something. */
export interface ConsentFlags {
  yes?: true;
}

/** Refuses at once, before anything is read, where `--yes` is missing and nobody can be asked. */
export function requireConsentToBePossible(
  { yes }: ConsentFlags,
  { isJson }: Output,
  { isInteractive }: Terminal,
  alternative: Text = FLAGS.noAlternative,
): void {
  if (yes === true || (isInteractive && !isJson)) return;
  throw usageFailure(FLAGS.nobody, filled(FLAGS.addYes, { alternative }));
}

/** Whether it is to be done: `--yes`, or the answer to the question. */
export async function isWanted(flags: ConsentFlags, question: string, terminal: Terminal): Promise<boolean> {
  return flags.yes === true || (await terminal.confirm(question));
}
