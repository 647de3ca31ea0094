import { MessagesAnswer } from "#shared/admin/answers.ts";
import { type ConsentFlags, isWanted, requireConsentToBePossible } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { parseMessageIds } from "../parse-number.ts";
import type { Terminal } from "../terminal.ts";
import { MESSAGES } from "../words/messages.ts";
import { reportEach } from "./requeue.ts";

/** The flags of `cancel`, as typed. */
export interface CancelFlags extends ConsentFlags {
  ids?: string[];
}

/** `cancel`: messages by number. */
export async function runCancel(flags: CancelFlags, context: Context, terminal: Terminal): Promise<number> {
  const { askAdmin, output, say } = context;
  const ids = parseMessageIds(flags.ids ?? []);
  if (ids.length === 0) {
    throw usageFailure(MESSAGES.cancelNeeds, MESSAGES.deadLists);
  }
  requireConsentToBePossible(flags, output, terminal);
  const question =
    ids.length === 1
      ? say(MESSAGES.neverSendOne, { id: ids[0] ?? 0 })
      : say(MESSAGES.neverSend, { count: ids.length });
  if (!(await isWanted(flags, question, terminal))) {
    output.line(say(MESSAGES.nothingCancelled));
    return EXIT.ok;
  }
  return reportEach(await askAdmin({ action: "cancel", ids }, MessagesAnswer), MESSAGES.cancelled, context);
}
