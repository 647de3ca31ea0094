import type { FindAnswer } from "#shared/admin/answers.ts";
import { same } from "#shared/platform/text.ts";
import type { Context } from "../context.ts";
import { tableOf } from "../output.ts";
import { COLUMNS } from "../words/columns.ts";
import { FIND } from "../words/find.ts";
import { timeOf } from "./time.ts";

/** What stands on our side: the person, rows and messages. */
export function printOurs({ known }: FindAnswer, { output, say }: Context): void {
  const { person, rows, messages } = known;
  if (person === null && rows.length === 0) {
    output.line(say(FIND.nobody));
    return;
  }
  if (person === null) output.line(say(FIND.notPlaced));
  else {
    const contact = person.contact_id === null ? FIND.noneYet : same(String(person.contact_id));
    const keys = [...person.emails, ...person.phones].join(", ");
    output.line(say(FIND.person, { id: person.person_id, contact, keys }));
  }
  output.line(say(FIND.counts, { rows: known.row_count, messages: known.message_count }));
  const subjects = rows.map((row) => [
    say(row.subject_table === "tripwire_users" ? FIND.rowStudent : FIND.rowLead),
    row.id,
    row.source ?? "",
    timeOf(row.created_at),
    row.amocrm_deal_id ?? "",
    row.amocrm_synced_at === null ? say(FIND.notYet) : timeOf(row.amocrm_synced_at),
  ]);
  const { row, id, source, created, deal, reached, message, kind, state, reason, of } = COLUMNS;
  const rowHead = [row, id, source, created, deal, reached].map((column) => say(column));
  for (const line of tableOf(rowHead, subjects)) output.line(line);
  if (messages.length === 0) return;
  output.line();
  const sent = messages.map((one) => [
    one.id,
    one.kind,
    one.state,
    one.last_error_code ?? "",
    timeOf(one.created_at),
    one.subject_id,
  ]);
  const messageHead = [message, kind, state, reason, created, of].map((column) => say(column));
  for (const line of tableOf(messageHead, sent)) output.line(line);
}
