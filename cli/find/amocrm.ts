import type { Choice, FindAnswer, FoundContact, FoundDeal } from "#shared/admin/answers.ts";
import { filled, same, type Text } from "#shared/platform/text.ts";
import type { Context } from "../context.ts";
import { told } from "../language/told.ts";
import { tableOf } from "../output.ts";
import { COLUMNS } from "../words/columns.ts";
import { FIND } from "../words/find.ts";
import { timeOf } from "./time.ts";

const STATES = {
  open: FIND.stateOpen,
  won: FIND.stateWon,
  lost: FIND.stateLost,
  deleted: FIND.stateDeleted,
} as const;

/** What amoCRM has of the person, and what a next lead would become. */
export function printAmocrm(
  { reason, contacts, choice, warnings, known }: FindAnswer,
  context: Context,
): void {
  const { output, say } = context;
  if (reason !== null) {
    output.line(`✗ ${say(FIND.unasked, { reason: told(reason) })}`);
    return;
  }
  if (contacts.length === 0) output.line(say(FIND.noContact));
  for (const contact of contacts) printContact(contact, context);
  for (const warning of warnings) output.line(`! ${say(told(warning))}`);
  if (known.email_key !== null && known.own_email_key === null) output.line(`! ${say(FIND.foreignEmail)}`);
  if (known.phone_key !== null && known.own_phone_key === null) output.line(`! ${say(FIND.foreignPhone)}`);
  if (choice === null) return;
  output.line(say(FIND.contact, { words: contactWords(choice, contacts) }));
  output.line(say(FIND.deal, { words: dealWords(choice, contacts) }));
}

function printContact(contact: FoundContact, { output, say }: Context): void {
  const { id, name, emails, phones, updated_at: at, is_used: isUsed, deals } = contact;
  const keys = [...emails, ...phones].join(", ");
  output.line(`${isUsed ? "→" : " "} ${say(FIND.contactLine, { id, name, keys, at: timeOf(at) })}`);
  const rows = deals.map((deal) => [
    deal.is_used ? "→" : "",
    deal.id,
    say(STATES[deal.state]),
    placeOf(deal),
    timeOf(deal.updated_at),
    deal.name,
  ]);
  const { none, deal, state, where, changed, name: title } = COLUMNS;
  const head = [none, deal, state, where, changed, title].map((column) => say(column));
  const lines = rows.length === 0 ? [say(FIND.noDeals)] : tableOf(head, rows);
  for (const line of lines) output.line(`    ${line}`);
}

/** Why this contact and none of the others. */
function contactWords(choice: Choice, contacts: readonly FoundContact[]): Text {
  const { contact_id: id, contact_why: why } = choice;
  if (id === null || why === "none") return FIND.newContact;
  if (why === "link") return filled(FIND.linked, { id });
  const count = 1 + contacts.filter((contact) => contact.id !== id && contact.by.includes(why)).length;
  const texts =
    why === "email" ? [FIND.onlyByEmail, FIND.latestByEmail] : [FIND.onlyByPhone, FIND.latestByPhone];
  return filled(texts[count === 1 ? 0 : 1] ?? FIND.newContact, { id, count });
}

/** What a next lead would become, by the rule of the drain. */
function dealWords(choice: Choice, contacts: readonly FoundContact[]): Text {
  const { deal_id: id, deal_why: why, source, pipeline } = choice;
  const from = source === null ? FIND.nextLead : filled(FIND.nextLeadOf, { source });
  const deals = contacts.find(({ is_used: isUsed }) => isUsed)?.deals ?? [];
  const count = deals.filter((deal) => deal.state === "open" && deal.pipeline === pipeline).length;
  const route = choice.route === null ? FIND.noRouteName : same(choice.route);
  const where = filled(FIND.place, { pipeline: pipeline ?? "?", route });
  const texts: Readonly<Record<Choice["deal_why"], Text>> = {
    open: count === 1 ? FIND.onlyOpen : FIND.freshestOpen,
    won: FIND.won,
    none: FIND.noneOpen,
    no_contact: FIND.withContact,
    route_says_deal: FIND.routeSaysDeal,
    no_pipeline: FIND.noPipeline,
    no_route: FIND.noRoute,
  };
  return filled(texts[why], { id: id ?? "", from, count, where, route });
}

function placeOf({ pipeline, pipeline_id: pipelineId, stage, status_id: statusId }: FoundDeal): string {
  return `${pipeline ?? pipelineId ?? "?"} › ${stage ?? statusId ?? "?"}`;
}
