import { updateContact } from "../drain/operations.ts";
import type { Result, Tools } from "../handler.ts";
import type { Message, Progress } from "../message.ts";
import { addedKeys, crowdedKeys, mergeContactValues } from "../rules/merge-contact-values.ts";
import { type FoundContact, refresh } from "./find-contact.ts";

/** The contact is gone, or it is there: with the person's own e-mail and phone among its values, or too many others. */
export type Added = "gone" | Required<Pick<Progress, "crowded" | "added">>;

/**
 * Adds a phone or e-mail that the contact does not have yet. A PATCH replaces all values of a field, so they are
 * read fresh first: what a manager added a minute ago must stay. What a correction took away goes, if we had put it there.
 * What there is no room for is told, for the note.
 */
export async function addContactValues(
  message: Message,
  found: FoundContact,
  tools: Tools,
): Promise<Result<Added>> {
  const { crowded: known = [], added = [], contactUpdated } = message.progress;
  if (contactUpdated === true) return { ok: true, value: { crowded: known, added } };
  const own = { email: message.emailKey, phone: message.phoneKey };
  const told = async (
    crowded: ("email" | "phone")[],
    puts: ("email" | "phone")[] = [],
  ): Promise<Result<Added>> => {
    if (crowded.length > 0) await tools.record({ progress: { crowded } });
    return { ok: true, value: { crowded, added: puts } };
  };
  const { takesOff } = message;
  if (mergeContactValues(found.contact.fields, own, takesOff) === null)
    return told(crowdedKeys(found.contact.fields, own));
  const contact = await refresh(found, tools);
  if (!contact.ok) return contact;
  if (contact.value === null) return { ok: true, value: "gone" };
  const fields = mergeContactValues(contact.value.fields, own, takesOff);
  const puts = addedKeys(contact.value.fields, own);
  const there = await told(crowdedKeys(contact.value.fields, own), puts);
  if (fields === null) return there;
  const answer = await tools.perform(updateContact, {
    id: contact.value.id,
    contact: { fields },
    puts,
    takesOff,
  });
  if (answer.verdict === "delivered") return there;
  if (answer.verdict === "rejected") {
    // Perhaps only because a manager has deleted it since it was read, a moment ago.
    const again = await refresh({ ...found, isFresh: false }, tools);
    if (!again.ok) return again;
    if (again.value === null) return { ok: true, value: "gone" };
    if (answer.fault.code === "not_found")
      return { ok: false, end: { kind: "failed", failed: await tools.dispute(answer) } };
  }
  return { ok: false, end: { kind: "failed", failed: answer } };
}

/** The message as it goes on, once it is known what of it the contact got, and for what it has no room. */
export function withCrowded(message: Message, added: Exclude<Added, "gone">): Message {
  return { ...message, progress: { ...message.progress, ...added } };
}
