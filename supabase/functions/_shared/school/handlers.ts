import type { Handler } from "../amocrm/handler.ts";
import { certificateIssued } from "./deals/certificate-issued.ts";
import { lessonCompleted } from "./deals/lesson-completed.ts";
import { studentCreated } from "./deals/student-created.ts";
import { studentUpdated } from "./deals/student-updated.ts";

/** What the messages about students do in amoCRM, by kind. */
export const schoolHandlers: Readonly<Record<string, Handler>> = {
  "student.created": studentCreated,
  "student.updated": studentUpdated,
  "lesson.completed": lessonCompleted,
  "certificate.issued": certificateIssued,
};
