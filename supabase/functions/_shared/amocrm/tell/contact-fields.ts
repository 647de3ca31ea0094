import { z } from "zod";
import type { FieldDraft } from "../api/drafts.ts";
import type { Contact } from "../api/entities.ts";
import { changeContacts, readContact } from "../drain/operations.ts";
import type { Result, Tools } from "../handler.ts";
import type { Message } from "../message.ts";
import { addValues } from "../rules/add-values.ts";
import { addNote } from "../steps/add-note.ts";
import { CONTACT_GONE, findContact, refresh } from "../steps/find-contact.ts";
import { draftFields, type ToldValues } from "./field-drafts.ts";
import { readTold } from "./tell-deal.ts";
import { namesDeal, toldHandler, waitFor } from "./told.ts";
import { writeFields } from "./write-fields.ts";

const Payload = z.object({ values: z.record(z.string(), z.unknown()) });

/** Values of the person's contact. E-mails and phones are added to those it has, the others are replaced. */
export const contactFields = toldHandler(Payload, async ({ values }, message, tools) => {
  const found = await contactOf(message, tools);
  if (!found.ok) return found.end;
  const contact = found.value;
  if (contact === null) return waitFor("contact", message, tools);
  const { keys, others } = apart(values, tools);
  const drafted = draftFields(others, tools.fields.contact);
  const added = addValues(contact.fields, keys);
  const written = await writeFields(
    { ...drafted, fields: [...drafted.fields, ...added] },
    message,
    tools,
    (fields: readonly FieldDraft[]) => tools.perform(changeContacts, { id: contact.id, contact: { fields } }),
  );
  if ("end" in written) {
    const { end } = written;
    if (end.kind !== "failed" || end.failed.verdict !== "rejected") return end;
    // Perhaps only because a manager has deleted it since it was read.
    const again = await refresh({ contact, isFresh: false }, tools);
    if (!again.ok) return again.end;
    return again.value === null ? CONTACT_GONE : end;
  }
  const { leftovers } = written;
  if (leftovers.length > 0 && message.dealId !== null) {
    const noted = await addNote(message, message.dealId, { values: leftovers }, tools);
    if (noted !== null) return noted;
  } else if (leftovers.length > 0) {
    const paths = leftovers.map(({ path }) => path).join(", ");
    tools.warn({
      code: "value_left_out",
      message: `There is no deal for a note with what stands for ${paths}`,
    });
  }
  return { kind: "delivered", contactId: namesDeal(message) ? null : contact.id, dealId: message.dealId };
});

/** The person's contact, or the main one of the deal that was named; null if there is none. */
async function contactOf(message: Message, tools: Tools): Promise<Result<Contact | null>> {
  if (!namesDeal(message)) {
    const finding = await findContact(message, tools);
    if (!finding.ok) return finding;
    return finding.value.found === null ? { ok: true, value: null } : refresh(finding.value.found, tools);
  }
  if (message.dealId === null) return { ok: true, value: null };
  const deal = await readTold({ dealId: message.dealId, deal: null, isNoteOnly: false }, tools);
  if (!deal.ok) return deal;
  const main = deal.value?.contacts.find(({ isMain }) => isMain) ?? deal.value?.contacts[0];
  if (main === undefined) return { ok: true, value: null };
  const answer = await tools.perform(readContact, main.id);
  if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
  return { ok: true, value: answer.value?.isDeleted === true ? null : answer.value };
}

const KEY_CODES: ReadonlySet<string> = new Set(["EMAIL", "PHONE"]);

/** A PATCH replaces all values of a field: somebody's other numbers must not go with it. */
function apart(values: ToldValues, tools: Tools): { keys: Record<string, string[]>; others: ToldValues } {
  const keys: Record<string, string[]> = {};
  const others: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const code = tools.fields.contact?.find(({ id }) => String(id) === name)?.code ?? name.toUpperCase();
    if (KEY_CODES.has(code)) keys[code] = [...(keys[code] ?? []), ...[value].flat().map(String)];
    else others[name] = value;
  }
  return { keys, others };
}
