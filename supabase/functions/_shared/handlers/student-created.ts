import { stageOf } from "../outbox/configuration.ts";
import { addNote } from "./add-note.ts";
import { bringStudent } from "./bring-student.ts";
import { deliveredAt, type Handler } from "./handler.ts";
import { accessNote, HOME_EVENT, noHome, STUDENT_DELETED } from "./student.ts";

/** A new student: the deal of the school's pipeline at the stage of student.created, with a note of the access given. */
export const studentCreated: Handler = async (message, tools) => {
  const student = message.subject;
  if (student === null) return STUDENT_DELETED;
  const stage = stageOf(tools.configuration, HOME_EVENT);
  if (stage === null) return noHome();
  const brought = await bringStudent(message, student, stage, tools);
  if (!brought.ok) return brought.end;
  const { contactId, dealId, leftovers, reason } = brought.value;
  const noted = await addNote(message, dealId, accessNote(message, student, leftovers), tools);
  if (noted !== null) return noted;
  return deliveredAt(contactId, dealId, reason);
};
