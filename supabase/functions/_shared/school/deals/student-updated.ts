import type { Handler } from "../../amocrm/handler.ts";
import { addNote, ChangedColumns, changeKeys, checkDealDeleted, unownedKeys } from "../../amocrm/steps.ts";
import { STUDENT_DELETED } from "./student.ts";

/** A student's e-mail or phone was corrected: the contact follows; what is another person's there is told in a note. */
export const studentUpdated: Handler = async (message, tools) => {
  const student = message.subject;
  if (student === null) return STUDENT_DELETED;
  if (message.dealId === null) {
    return {
      kind: "superseded",
      code: "student_not_in_amocrm",
      message:
        "The student has not reached amoCRM; when the student.created is sent, the newest values go with it",
    };
  }
  const keys = await changeKeys(message, tools);
  if (!keys.ok) return keys.end;
  const { own, contactId } = keys.value;
  const { changed } = ChangedColumns.parse(message.payload);
  const values = unownedKeys(own, student).filter(({ path }) => changed.includes(path));
  const noted = await addNote(message, message.dealId, { values }, tools);
  const end = noted === null ? "gone" : await checkDealDeleted(noted, message.dealId, tools);
  // Without the deal there is no place for the note, and the contact has what it can have.
  return end === "gone" ? { kind: "delivered", contactId, dealId: message.dealId } : end;
};
