import {
  type Choice,
  FindAnswer,
  type FoundContact,
  type FoundDeal,
} from "../../supabase/functions/_shared/admin/find/answer.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { type Output, tableOf } from "../output.ts";

export const FIND_HELP = `
Who somebody is: the contacts that amoCRM has with this e-mail or phone, their deals, which of them a next lead would get
and why, and what stands on our side. The decision is made by the code that sends. Nothing is changed. The output is
personal data: it goes to the screen and into no log.

Exit code: 0 if somebody was found here or in amoCRM, 1 if nobody was, 2 for wrong usage, 3 if amoCRM or the project cannot
be asked.

Examples:
  npm run amocrm -- find --email ada@example.com
  npm run amocrm -- find --phone '8 (916) 123-45-67'
  npm run amocrm -- find --lead 7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77
  npx amocrm find --email ada@example.com --json | jq .choice`;

/** The flags of `find`, as typed. */
export interface FindFlags {
  email?: string;
  phone?: string;
  lead?: string;
}

/** `find`: a person in amoCRM and here. */
export async function runFind({ email, phone, lead }: FindFlags, context: Context): Promise<number> {
  const { askAdmin, output } = context;
  if ((lead === undefined) === (email === undefined && phone === undefined)) {
    throw usageFailure("find needs --email or --phone or both, or else --lead");
  }
  const answer = await askAdmin(
    { action: "find", email: email ?? null, phone: phone ?? null, lead: lead ?? null },
    FindAnswer,
  );
  output.document(answer);
  printAmocrm(answer, output);
  output.line();
  printOurs(answer, output);
  const isFound = answer.contacts.length > 0 || answer.known.row_count > 0 || answer.known.person !== null;
  if (answer.reason !== null) return EXIT.unreached;
  return isFound ? EXIT.ok : EXIT.wrong;
}

function printAmocrm({ reason, contacts, choice, warnings, known }: FindAnswer, output: Output): void {
  if (reason !== null) {
    output.line(`✗ amoCRM cannot be asked: ${reason} → npm run amocrm -- doctor`);
    return;
  }
  if (contacts.length === 0) output.line("amoCRM has no contact with this e-mail or phone.");
  for (const contact of contacts) printContact(contact, output);
  for (const warning of warnings) output.line(`! ${warning}`);
  const foreign = [
    known.email_key !== null && known.own_email_key === null ? "e-mail" : "",
    known.phone_key !== null && known.own_phone_key === null ? "phone" : "",
  ].filter((text) => text !== "");
  for (const key of foreign) {
    output.line(`! The ${key} is another person's here, so the contact is not looked for by it.`);
  }
  if (choice !== null) {
    output.line(`Contact: ${contactWords(choice, contacts)}`);
    output.line(`Deal: ${dealWords(choice, contacts)}`);
  }
}

function printContact(contact: FoundContact, output: Output): void {
  const { id, name, emails, phones, updated_at: at, is_used: isUsed, deals } = contact;
  const keys = [...emails, ...phones].join(", ");
  output.line(`${isUsed ? "→" : " "} Contact ${id} «${name}»  ${keys}  changed ${timeOf(at)}`);
  const rows = deals.map((deal) => [
    deal.is_used ? "→" : "",
    deal.id,
    deal.state,
    placeOf(deal),
    timeOf(deal.updated_at),
    deal.name,
  ]);
  const lines =
    rows.length === 0 ? ["no deals"] : tableOf(["", "deal", "state", "where", "changed", "name"], rows);
  for (const line of lines) output.line(`    ${line}`);
}

/** Why this contact and none of the others. */
function contactWords(
  { contact_id: id, contact_why: why }: Choice,
  contacts: readonly FoundContact[],
): string {
  if (id === null || why === "none") return "a new one would be made";
  const rivalCount = contacts.filter(
    (contact) => why !== "link" && contact.id !== id && contact.by.includes(why),
  ).length;
  const name = why === "email" ? "e-mail" : "phone";
  if (why === "link") return `${id}, because this person is linked to it`;
  const among = rivalCount === 0 ? "the only one" : `of ${rivalCount + 1} the one changed last`;
  return `${id}, ${among} that has exactly this ${name}`;
}

/** What a next lead would become, by the rule of the drain. */
function dealWords(choice: Choice, contacts: readonly FoundContact[]): string {
  const { deal_id: id, deal_why: why, source, route, pipeline } = choice;
  const from = `a next lead ${source === null ? "without a source" : `of source «${source}»`}`;
  const deals = contacts.find(({ is_used: isUsed }) => isUsed)?.deals ?? [];
  const openCount = deals.filter((deal) => deal.state === "open" && deal.pipeline === pipeline).length;
  const where = `pipeline «${pipeline ?? "?"}» (route ${route ?? "none"})`;
  switch (why) {
    case "open":
      return `${id}: ${from} would go there, ${openCount === 1 ? "the only" : `of ${openCount} the freshest`} open deal in ${where}`;
    case "won":
      return `${id}: ${from} would leave a note only, because the deal in ${where} is won and none is open`;
    case "none":
      return `${from} would make a new one: there is none open or won in ${where}`;
    case "no_contact":
      return `${from} would make a new one, with the contact, in ${where}`;
    case "route_says_deal":
      return `${from} would make a new one: route ${route} makes one each time`;
    case "no_pipeline":
      return `${from} would make a new one: the account has no main pipeline to look in`;
    case "no_route":
      return `${from} would wait: amocrm_routes has no row for it and none for *`;
  }
}

function printOurs({ known }: FindAnswer, output: Output): void {
  const { person, rows, messages } = known;
  if (person === null && rows.length === 0) {
    output.line("Nobody here has this e-mail, phone or id.");
    return;
  }
  if (person === null) output.line("Not placed with a person yet: no message of theirs was claimed so far.");
  else {
    const keys = [...person.emails, ...person.phones].join(", ");
    output.line(`Person ${person.person_id}, contact ${person.contact_id ?? "none yet"}  ${keys}`);
  }
  output.line(`Leads and students: ${known.row_count}, messages: ${known.message_count}`);
  const subjects = rows.map((row) => [
    row.subject_table === "tripwire_users" ? "student" : "lead",
    row.id,
    row.source ?? "",
    timeOf(row.created_at),
    row.amocrm_deal_id ?? "",
    row.amocrm_synced_at === null ? "not yet" : timeOf(row.amocrm_synced_at),
  ]);
  for (const line of tableOf(["row", "id", "source", "created", "deal", "reached amoCRM"], subjects))
    output.line(line);
  if (messages.length === 0) return;
  output.line();
  const sent = messages.map((message) => [
    message.id,
    message.kind,
    message.state,
    message.last_error_code ?? "",
    timeOf(message.created_at),
    message.subject_id,
  ]);
  for (const line of tableOf(["message", "kind", "state", "reason", "created", "of"], sent))
    output.line(line);
}

function placeOf({ pipeline, pipeline_id: pipelineId, stage, status_id: statusId }: FoundDeal): string {
  return `${pipeline ?? pipelineId ?? "?"} › ${stage ?? statusId ?? "?"}`;
}

/** To the minute, in UTC. */
function timeOf(at: string | null): string {
  return at === null ? "" : new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
