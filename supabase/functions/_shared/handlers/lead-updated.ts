import { z } from "zod";
import { mergeContactValues } from "../amocrm/merge-contact-values.ts";
import { noteText } from "../amocrm/note-text.ts";
import { createNote, updateContact } from "../drain/operations.ts";
import { findContact } from "./find-contact.ts";
import type { Handler } from "./handler.ts";
import { referenceOf } from "./lead.ts";
import { lookAgain, lookUpNote } from "./look-up.ts";

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

  if ((changed.includes("email") || changed.includes("phone")) && message.progress.contactUpdated !== true) {
    const contact = await findContact(message, tools);
    if (!contact.ok) return contact.end;
    const fields =
      contact.value &&
      mergeContactValues(contact.value.fields, { email: message.emailKey, phone: message.phoneKey });
    if (contact.value !== null && fields !== null) {
      const answer = await tools.perform(updateContact, { id: contact.value.id, contact: { fields } });
      if (answer.verdict !== "delivered") return { kind: "failed", failed: answer };
    }
    contactId = contact.value?.id ?? contactId;
  }

  const noted = changed.filter((column) => column !== "email" && column !== "phone");
  if (noted.length > 0 && message.progress.note !== true) {
    const reference = referenceOf(message);
    if (message.step === createNote.name) {
      const there = await lookUpNote(message.dealId, reference, tools);
      if (!there.ok) return there.end;
      if (typeof there.value === "object") return { kind: "delivered", contactId, dealId: message.dealId };
      const again = lookAgain(message, createNote.name, there.value);
      if (again !== null) return again;
    }
    const text = noteText(
      noted.map((path) => ({ path, value: lead[path] ?? null })),
      reference,
    );
    const answer = await tools.perform(createNote, { dealId: message.dealId, text });
    if (answer.verdict !== "delivered") return { kind: "failed", failed: answer };
  }
  return { kind: "delivered", contactId, dealId: message.dealId };
};
