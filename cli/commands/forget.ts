import { ForgetAnswer } from "#shared/admin/answers.ts";
import { type ConsentFlags, isWanted, requireConsentToBePossible } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { requireEmail, requirePhone } from "../find/typed.ts";
import type { Terminal } from "../terminal.ts";
import { FORGET } from "../words/decisions.ts";

/** The flags of `forget`, as typed. */
export interface ForgetFlags extends ConsentFlags {
  email?: string;
  phone?: string;
}

/** `forget`: a person, for good. */
export async function runForget(flags: ForgetFlags, context: Context, terminal: Terminal): Promise<number> {
  const { askAdmin, output, say } = context;
  const { email, phone } = flags;
  if (email === undefined && phone === undefined) throw usageFailure(FORGET.needs);
  requireEmail(email);
  requirePhone(phone);
  requireConsentToBePossible(flags, output, terminal);
  if (!(await isWanted(flags, say(FORGET.question), terminal))) {
    output.line(say(FORGET.nothing));
    return EXIT.ok;
  }
  const answer = await askAdmin(
    { action: "forget", email: email ?? null, phone: phone ?? null },
    ForgetAnswer,
  );
  output.document(answer);
  const count = (name: string): number => Number(answer[name] ?? 0);
  output.line(
    `✓ ${say(FORGET.done, {
      leads: count("leads"),
      students: count("students"),
      messages: count("messages_cancelled") + count("messages_cleared"),
    })}`,
  );
  const { contact_ids: contacts, deal_ids: deals } = answer.clean_in_amocrm;
  output.line(say(contacts.length + deals.length === 0 ? FORGET.cleanNothing : FORGET.clean));
  if (contacts.length > 0) output.line(`  ${say(FORGET.contacts, { ids: contacts.join(", ") })}`);
  if (deals.length > 0) output.line(`  ${say(FORGET.deals, { ids: deals.join(", ") })}`);
  if (answer.maybe_in_amocrm) output.line(`! ${say(FORGET.maybe)}`);
  return EXIT.ok;
}
