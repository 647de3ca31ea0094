import { MessagesAnswer } from "../../supabase/functions/_shared/admin/messages/answer.ts";
import { type ConsentFlags, isWanted, requireConsentToBePossible } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { parseMessageIds } from "../parse-number.ts";
import type { Terminal } from "../terminal.ts";
import { reportEach } from "./requeue.ts";

export const CANCEL_HELP = `
Takes messages out for good: they are not sent, and the person's later messages go on. The lead or student itself stays, and
what amoCRM has already stays there. A cancelled message comes back with requeue.

A message that waits for an answer (uncertain) may have arrived: look into amoCRM first.

It asks; where nobody can be asked, add --yes.

Exit code: 0 if all were cancelled, or the question was answered with no; 1 if one was refused, which is named; 2 for wrong
usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- cancel 41
  npm run amocrm -- cancel 41 42 --yes
  npx amocrm cancel 41 --yes --json`;

/** The flags of `cancel`, as typed. */
export interface CancelFlags extends ConsentFlags {
  ids?: string[];
}

/** `cancel`: messages by number. */
export async function runCancel(flags: CancelFlags, context: Context, terminal: Terminal): Promise<number> {
  const { askAdmin, output } = context;
  const ids = parseMessageIds(flags.ids ?? []);
  if (ids.length === 0) {
    throw usageFailure("cancel needs numbers of messages", "npm run amocrm -- dead lists them");
  }
  requireConsentToBePossible(flags, output, terminal);
  const question = `Never send ${ids.length === 1 ? `message ${ids[0]}` : `these ${ids.length} messages`}?`;
  if (!(await isWanted(flags, question, terminal))) {
    output.line("Nothing was cancelled.");
    return EXIT.ok;
  }
  return reportEach(await askAdmin({ action: "cancel", ids }, MessagesAnswer), "cancelled", output);
}
