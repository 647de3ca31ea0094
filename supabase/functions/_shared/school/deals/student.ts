import type { EventStage, Route } from "../../amocrm/configuration.ts";
import type { End } from "../../amocrm/handler.ts";
import type { Message } from "../../amocrm/message.ts";
import type { LeadRow, Leftover, NoteContent } from "../../amocrm/rules.ts";
import { nameOf, textOf, unownedKeys } from "../../amocrm/steps.ts";

/** The event with which a student's deal begins; its pipeline is the school's. */
export const FIRST_EVENT = "student.created";

/** Where a student's new deal goes, in the words of a route: a student has neither source nor tags. */
export function studentRoute({ pipeline_id, status_id }: EventStage): Route {
  return {
    source: FIRST_EVENT,
    pipeline_id,
    status_id,
    responsible_user_id: null,
    tags: [],
    deal_name: "{name} — Tripwire",
    on_repeat: "note",
  };
}

/** The note on a student's deal: that access was given, the name and the login. Never a password or a link. */
export function accessNote(message: Message, student: LeadRow, leftovers: readonly Leftover[]): NoteContent {
  const values = [
    { path: "full_name", value: nameOf(student) },
    { path: "login", value: textOf(student, "email") },
    ...unownedKeys(message, student),
    ...leftovers,
  ];
  const byPath = new Map<string, Leftover>();
  for (const value of values) {
    // The login is the e-mail.
    if (value.value !== null && value.path !== "email" && !byPath.has(value.path))
      byPath.set(value.path, value);
  }
  return { heading: "Доступ к курсу Tripwire открыт", values: [...byPath.values()] };
}

/** A student's row that is gone: there is nobody left to tell amoCRM about. */
export const STUDENT_DELETED: End = {
  kind: "superseded",
  code: "subject_deleted",
  message: "The student was deleted before this was sent",
};

/** Nobody has said yet in which pipeline students' deals are. */
export function noPipeline(): End {
  return {
    kind: "waiting",
    code: "no_stage",
    message: `amocrm_stages has no row for ${FIRST_EVENT}, which names the pipeline of the students' deals`,
  };
}
