import type { Handler } from "../amocrm/handler.ts";
import { addNote, ChangedColumns, changeKeys, checkDealDeleted, unownedKeys } from "../amocrm/steps.ts";

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
  const { changed } = ChangedColumns.parse(message.payload);
  let contactId = message.contactId;
  let own = message;

  if (changed.includes("email") || changed.includes("phone")) {
    const keys = await changeKeys(message, tools);
    if (!keys.ok) return keys.end;
    ({ own, contactId } = keys.value);
  }

  const changes = changed
    .filter((column) => column !== "email" && column !== "phone")
    .map((path) => ({ path, value: lead[path] ?? null }));
  // What did not get onto the contact is told all the same.
  const notes = [...changes, ...unownedKeys(own, lead).filter(({ path }) => changed.includes(path))];
  const noted = await addNote(message, message.dealId, { values: notes }, tools);
  if (noted === null) return { kind: "delivered", contactId, dealId: message.dealId };
  const end = await checkDealDeleted(noted, message.dealId, tools);
  if (end !== "gone") return end;
  return {
    kind: "superseded",
    code: "deal_deleted",
    message: `Deal ${message.dealId} was deleted in amoCRM, so there is no place for a note of what changed`,
  };
};
