import { z } from "zod";
import { addContactValues } from "./add-contact-values.ts";
import { addNote } from "./add-note.ts";
import { endOrGone } from "./deal-gone.ts";
import { findContact } from "./find-contact.ts";
import type { Handler } from "./handler.ts";

const Payload = z.looseObject({ changed: z.array(z.string()) });

/** Data columns of a lead changed: a new phone or e-mail is added to the contact, the rest becomes a note on its deal. */
export const leadUpdated: Handler = async (message, tools) => {
  const lead = message.subject;
  if (lead === null) {
    return {
      kind: "superseded",
      code: "subject_deleted",
      message: "The lead was deleted before its change was sent",
    };
  }
  if (message.dealId === null) {
    return {
      kind: "superseded",
      code: "lead_not_in_amocrm",
      message:
        "The lead itself has not reached amoCRM; when its lead.created is sent, the newest values go with it",
    };
  }
  const { changed } = Payload.parse(message.payload);
  let contactId = message.contactId;

  if (changed.includes("email") || changed.includes("phone")) {
    const found = await findContact(message, tools);
    if (!found.ok) return found.end;
    if (found.value !== null) {
      const added = await addContactValues(message, found.value, tools);
      if (!added.ok) return added.end;
    }
    contactId = found.value?.contact.id ?? contactId;
  }

  const changes = changed
    .filter((column) => column !== "email" && column !== "phone")
    .map((path) => ({ path, value: lead[path] ?? null }));
  const noted = await addNote(message, message.dealId, { values: changes }, tools);
  if (noted === null) return { kind: "delivered", contactId, dealId: message.dealId };
  const end = await endOrGone(noted, message.dealId, tools);
  if (end !== "gone") return end;
  return {
    kind: "superseded",
    code: "deal_deleted",
    message: `Deal ${message.dealId} was deleted in amoCRM, so there is no place for a note of what changed`,
  };
};
