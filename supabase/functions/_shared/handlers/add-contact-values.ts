import { mergeContactValues } from "../amocrm/merge-contact-values.ts";
import { updateContact } from "../drain/operations.ts";
import type { Message } from "../outbox/message.ts";
import { type FoundContact, refresh } from "./find-contact.ts";
import type { Result, Tools } from "./handler.ts";

/** Whether the contact is still there, with the person's own e-mail and phone among its values. */
export type Added = "there" | "gone";

/**
 * Adds a phone or e-mail that the contact does not have yet. A PATCH replaces all values of a field, so they are
 * read fresh first: what a manager added a minute ago must stay.
 */
export async function addContactValues(
  message: Message,
  found: FoundContact,
  tools: Tools,
): Promise<Result<Added>> {
  if (message.progress.contactUpdated === true) return { ok: true, value: "there" };
  const own = { email: message.emailKey, phone: message.phoneKey };
  if (mergeContactValues(found.contact.fields, own) === null) return { ok: true, value: "there" };
  const contact = await refresh(found, tools);
  if (!contact.ok) return contact;
  if (contact.value === null) return { ok: true, value: "gone" };
  const fields = mergeContactValues(contact.value.fields, own);
  if (fields === null) return { ok: true, value: "there" };
  const answer = await tools.perform(updateContact, { id: contact.value.id, contact: { fields } });
  if (answer.verdict === "delivered") return { ok: true, value: "there" };
  if (answer.verdict === "rejected") {
    // Perhaps only because a manager has deleted it since it was read, a moment ago.
    const again = await refresh({ ...found, isFresh: false }, tools);
    if (!again.ok) return again;
    if (again.value === null) return { ok: true, value: "gone" };
  }
  return { ok: false, end: { kind: "failed", failed: answer } };
}
