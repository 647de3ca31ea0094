import { z } from "zod";
import { stageOf } from "../outbox/configuration.ts";
import type { Handler } from "./handler.ts";
import { STUDENT_DELETED } from "./student.ts";
import { tellStudent } from "./tell-student.ts";

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
  return tellStudent(message, student, { stage, note: () => content }, tools);
};
