import { MailsAnswer, MessagesAnswer } from "#shared/admin/answers.ts";
import { filled, same, type Text } from "#shared/platform/text.ts";
import { type ConsentFlags, isWanted, requireConsentToBePossible } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { sinceOf } from "../language/duration.ts";
import { told } from "../language/told.ts";
import { tableOf } from "../output.ts";
import { parseMessageIds } from "../parse-number.ts";
import type { Terminal } from "../terminal.ts";
import { COLUMNS } from "../words/columns.ts";
import { MAILS } from "../words/mails.ts";
import { MESSAGES } from "../words/messages.ts";
import { reportEach } from "./requeue.ts";

/** The words and flags of `mails`, as typed. */
export interface MailsFlags extends ConsentFlags {
  words?: string[];
}

const LIMIT = 1000;

/** `mails`: those that did not go out, and what becomes of them. */
export async function runMails(flags: MailsFlags, context: Context, terminal: Terminal): Promise<number> {
  const [mode = "list", ...rest] = flags.words ?? [];
  switch (mode) {
    case "list":
    case "resume":
      if (rest.length > 0) throw usageFailure(filled(MAILS.nothingAfter, { mode }));
      return mode === "list" ? await list(context) : await act({ mode }, context);
    case "retry":
    case "cancel":
      return await actOn(mode, rest, flags, context, terminal);
    case "resend":
      return await act({ mode, student: onlyOne(rest, MAILS.needsStudent) }, context);
    case "allow":
      return await act({ mode, email: onlyOne(rest, MAILS.needsAddress) }, context);
    case "pause": {
      const reason = rest.join(" ").trim();
      if (reason === "") throw usageFailure(MAILS.needsReason, same("npm run amocrm -- mails pause '…'"));
      return await act({ mode, reason }, context);
    }
    default:
      throw usageFailure(filled(MAILS.modes, { typed: JSON.stringify(mode) }));
  }
}

function onlyOne(words: readonly string[], needs: Text): string {
  const [word = "", ...others] = words;
  if (word === "" || others.length > 0) throw usageFailure(needs);
  return word;
}

type Act =
  | { mode: "resend"; student: string }
  | { mode: "allow"; email: string }
  | { mode: "pause"; reason: string }
  | { mode: "resume" };

async function act(order: Act, { askAdmin, output, say }: Context): Promise<number> {
  const answer = await askAdmin({ action: "mails", ...order }, MailsAnswer);
  output.document(answer);
  switch (answer.mode) {
    case "resend":
      output.line(
        answer.ok
          ? `✓ ${say(MAILS.resent, { id: answer.id ?? 0 })}`
          : `✗ ${say(MAILS.refused, { reason: told(answer.reason ?? "") })}`,
      );
      return answer.ok ? EXIT.ok : EXIT.wrong;
    case "allow":
      output.line(say(answer.was_suppressed ? MAILS.allowed : MAILS.wasAllowed));
      return EXIT.ok;
    default:
      output.line(`✓ ${say(answer.mode === "pause" ? MAILS.paused : MAILS.resumed)}`);
      return EXIT.ok;
  }
}

/** Mails are messages of the one engine, and have their numbers from it. */
async function actOn(
  mode: "retry" | "cancel",
  words: readonly string[],
  flags: MailsFlags,
  context: Context,
  terminal: Terminal,
): Promise<number> {
  const { askAdmin, output, say } = context;
  const ids = parseMessageIds(words);
  if (ids.length === 0) throw usageFailure(filled(MAILS.needsNumbers, { mode }), MAILS.listing);
  if (mode === "retry") {
    return reportEach(
      await askAdmin({ action: "requeue", ids }, MessagesAnswer),
      MESSAGES.triedAgain,
      context,
    );
  }
  requireConsentToBePossible(flags, output, terminal);
  if (!(await isWanted(flags, say(MAILS.cancel, { count: ids.length }), terminal))) {
    output.line(say(MESSAGES.nothingCancelled));
    return EXIT.ok;
  }
  return reportEach(await askAdmin({ action: "cancel", ids }, MessagesAnswer), MESSAGES.cancelled, context);
}

async function list({ askAdmin, output, say, nowMs }: Context): Promise<number> {
  const answer = await askAdmin({ action: "mails", mode: "list", limit: LIMIT }, MailsAnswer);
  output.document(answer);
  if (answer.mode !== "list") return EXIT.wrong;
  const { mails } = answer;
  const dead = mails.filter(({ state }) => state === "dead").length;
  if (mails.length === 0) {
    output.line(`✓ ${say(MAILS.none)}`);
    return EXIT.ok;
  }
  output.line(`${dead === 0 ? "·" : "✗"} ${say(MAILS.counts, { dead, waiting: mails.length - dead })}`);
  const states: Readonly<Record<string, Text>> = MAILS;
  const rows = mails.map((mail) => [
    mail.id,
    mail.kind,
    say(states[mail.state] ?? same(mail.state)),
    `${mail.subject_table} ${mail.subject_id}`,
    mail.attempt_count,
    say(sinceOf(mail.created_at, nowMs)),
    say(told(mail.last_error_message ?? mail.last_error_code ?? "")),
  ]);
  const { id, kind, state, about, attempts, age, reason } = COLUMNS;
  const head = [id, kind, state, about, attempts, age, reason].map((column) => say(column));
  for (const line of tableOf(head, rows)) output.line(`  ${line}`);
  if (dead > 0) output.line(`  ${say(MAILS.retry)}`);
  return dead === 0 ? EXIT.ok : EXIT.wrong;
}
