import { z } from "zod";
import { stageOf } from "../../amocrm/configuration.ts";
import type { Handler } from "../../amocrm/handler.ts";
import { deliverSchoolEvent, type SchoolEvent } from "./deliver-school-event.ts";
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
    return { kind: "delivered", contactId: message.contactId, dealId: message.dealId, reason };
  }
  // A deal that this lesson had to make says nothing about the student yet.
  const note: SchoolEvent["note"] = ({ isNew, leftovers }) =>
    isNew ? accessNote(message, student, leftovers) : null;
  return deliverSchoolEvent(message, student, { stage, note }, tools);
};
