import { stageOf } from "../outbox/configuration.ts";
import type { Handler } from "./handler.ts";
import { accessNote, HOME_EVENT, noHome, STUDENT_DELETED } from "./student.ts";
import { type SchoolEvent, tellStudent } from "./tell-student.ts";

/** A new student: the deal of the school's pipeline at the stage of student.created, with a note of the access given. */
export const studentCreated: Handler = async (message, tools) => {
  const student = message.subject;
  if (student === null) return STUDENT_DELETED;
  const stage = stageOf(tools.configuration, HOME_EVENT);
  if (stage === null) return noHome();
  const event: SchoolEvent = { stage, note: ({ leftovers }) => accessNote(message, student, leftovers) };
  return tellStudent(message, student, event, tools);
};
