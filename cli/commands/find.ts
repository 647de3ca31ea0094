import { FindAnswer } from "#shared/admin/answers.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { printAmocrm } from "../find/amocrm.ts";
import { printOurs } from "../find/ours.ts";
import { requireEmail, requirePhone } from "../find/typed.ts";
import { FIND } from "../words/find.ts";

/** The flags of `find`, as typed. */
export interface FindFlags {
  email?: string;
  phone?: string;
  lead?: string;
}

/** `find`: a person in amoCRM and here. */
export async function runFind({ email, phone, lead }: FindFlags, context: Context): Promise<number> {
  const { askAdmin, output } = context;
  if ((lead === undefined) === (email === undefined && phone === undefined)) throw usageFailure(FIND.needs);
  requireEmail(email);
  requirePhone(phone);
  const answer = await askAdmin(
    { action: "find", email: email ?? null, phone: phone ?? null, lead: lead ?? null },
    FindAnswer,
  );
  output.document(answer);
  printAmocrm(answer, context);
  output.line();
  printOurs(answer, context);
  const isFound = answer.contacts.length > 0 || answer.known.row_count > 0 || answer.known.person !== null;
  if (answer.reason !== null) return EXIT.unreached;
  return isFound ? EXIT.ok : EXIT.wrong;
}
