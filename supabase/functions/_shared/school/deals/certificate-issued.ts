import { z } from "zod";
import { stageOf } from "../../amocrm/configuration.ts";
import type { Handler } from "../../amocrm/handler.ts";
import { deliverSchoolEvent } from "./deliver-school-event.ts";
import { STUDENT_DELETED } from "./student.ts";

const Payload = z.looseObject({ number: z.string() });

/** A certificate: its number in a note on the student's deal, which moves on if the event has a stage. */
export const certificateIssued: Handler = async (message, tools) => {
  const student = message.subject;
  if (student === null) return STUDENT_DELETED;
  const payload = Payload.safeParse(message.payload);
  if (!payload.success) {
    return {
      kind: "rejected",
      code: "payload_malformed",
      message: "The payload names no certificate number",
    };
  }
  const stage = stageOf(tools.configuration, message.kind);
  const content = {
    heading: "Сертификат выдан: все уроки пройдены",
    values: [{ path: "certificate_number", value: payload.data.number }],
  };
  return deliverSchoolEvent(message, student, { stage, note: () => content }, tools);
};
