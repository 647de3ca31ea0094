import { stageOf } from "../../amocrm/configuration.ts";
import type { Handler } from "../../amocrm/handler.ts";
import { deliverSchoolEvent, type SchoolEvent } from "./deliver-school-event.ts";
import { accessNote, FIRST_EVENT, noPipeline, STUDENT_DELETED } from "./student.ts";

/** A new student: the deal of the school's pipeline at the stage of student.created, with a note of the access given. */
export const studentCreated: Handler = async (message, tools) => {
  const student = message.subject;
  if (student === null) return STUDENT_DELETED;
  const stage = stageOf(tools.configuration, FIRST_EVENT);
  if (stage === null) return noPipeline();
  const event: SchoolEvent = { stage, note: ({ leftovers }) => accessNote(message, student, leftovers) };
  return deliverSchoolEvent(message, student, event, tools);
};
