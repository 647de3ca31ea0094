import { certificateIssued } from "./certificate-issued.ts";
import type { Handler } from "./handler.ts";
import { leadCreated } from "./lead-created.ts";
import { leadUpdated } from "./lead-updated.ts";
import { lessonCompleted } from "./lesson-completed.ts";
import { studentCreated } from "./student-created.ts";

/** The handler of each kind. A new kind is a line here, its handler, and has_handler in amocrm.kinds. */
export const handlers: Readonly<Record<string, Handler>> = {
  "lead.created": leadCreated,
  "lead.updated": leadUpdated,
  "student.created": studentCreated,
  "lesson.completed": lessonCompleted,
  "certificate.issued": certificateIssued,
};
