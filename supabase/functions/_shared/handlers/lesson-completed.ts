import { z } from "zod";
import { stageOf } from "../outbox/configuration.ts";
import { addNote } from "./add-note.ts";
import { bringStudent } from "./bring-student.ts";
import { deliveredAt, type Handler } from "./handler.ts";
import { accessNote, STUDENT_DELETED } from "./student.ts";

const Payload = z.looseObject({ lessonId: z.int() });

/** A completed lesson: the student's deal moves on to the lesson's stage, if the lesson has one. */
export const lessonCompleted: Handler = async (message, tools) => {
  const student = message.subject;
  if (student === null) return STUDENT_DELETED;
  const payload = Payload.safeParse(message.payload);
  if (!payload.success) {
    return { kind: "rejected", code: "payload_malformed", message: "The payload names no lessonId" };
  }
  const event = `lesson.${payload.data.lessonId}`;
  const stage = stageOf(tools.configuration, event);
  if (stage === null) {
    // Most lessons of a course mean nothing to the funnel, so this is no fault of the set-up.
    const reason = {
      code: "lesson_without_stage",
      message: `amocrm_stages has no row for ${event}, so nothing was sent`,
    };
    return deliveredAt(message.contactId, message.dealId, reason);
  }
  const brought = await bringStudent(message, student, stage, tools);
  if (!brought.ok) return brought.end;
  const { contactId, dealId, isNew, leftovers, reason } = brought.value;
  if (isNew) {
    const noted = await addNote(message, dealId, accessNote(message, student, leftovers), tools);
    if (noted !== null) return noted;
  }
  return deliveredAt(contactId, dealId, reason);
};
