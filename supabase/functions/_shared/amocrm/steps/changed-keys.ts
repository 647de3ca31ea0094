import { z } from "zod";
import type { Result, Tools } from "../handler.ts";
import type { Message } from "../message.ts";
import { addContactValues, withCrowded } from "./add-contact-values.ts";
import { findContact } from "./find-contact.ts";

/** What a changed row's message tells: the columns that changed. */
export const ChangedColumns = z.looseObject({ changed: z.array(z.string()) });

/** A message after its corrected e-mail or phone was brought to the contact. */
export interface ChangedKeys {
  /** As it goes on: without what is another person's, and knowing what the card had no room for. */
  own: Message;
  contactId: number | null;
}

/** The person's contact gets the e-mail and phone that its row names now; what a correction took away goes, if it was ours. */
export async function changeKeys(message: Message, tools: Tools): Promise<Result<ChangedKeys>> {
  const finding = await findContact(message, tools);
  if (!finding.ok) return finding;
  const { found, isPhoneAnothers } = finding.value;
  const own = isPhoneAnothers ? { ...message, phoneKey: null } : message;
  if (found === null) return { ok: true, value: { own, contactId: message.contactId } };
  const added = await addContactValues(own, found, tools);
  if (!added.ok) return added;
  return {
    ok: true,
    value: { own: added.value === "gone" ? own : withCrowded(own, added.value), contactId: found.contact.id },
  };
}
