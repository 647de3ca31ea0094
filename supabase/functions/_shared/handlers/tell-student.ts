import type { LeadRow } from "../amocrm/lead-fields.ts";
import type { NoteContent } from "../amocrm/note-text.ts";
import type { EventStage } from "../outbox/configuration.ts";
import type { Message } from "../outbox/message.ts";
import { addNote } from "./add-note.ts";
import { type BroughtStudent, bringStudent } from "./bring-student.ts";
import { endOrGone } from "./deal-gone.ts";
import type { End, Tools } from "./handler.ts";

/** An event of the school: where it moves the deal, if anywhere, and what it notes there, if anything. */
export interface SchoolEvent {
  stage: EventStage | null;
  note(brought: BroughtStudent): NoteContent | null;
}

/** Brings the student's deal where an event leads, and notes the event there; also if a manager deletes the deal meanwhile. */
export async function tellStudent(
  message: Message,
  student: LeadRow,
  event: SchoolEvent,
  tools: Tools,
): Promise<End> {
  const brought = await bringStudent(message, student, event.stage, tools);
  if (!brought.ok) return brought.end;
  const noted = await noteEvent(event, brought.value, tools);
  const { dealId } = brought.value;
  const end = await endOrGone(noted, dealId, tools);
  if (end !== "gone") return end;
  tools.warn({
    code: "deal_deleted",
    message: `Deal ${dealId} was deleted in amoCRM; it was found again or made anew`,
  });
  // Whatever it had got went with it.
  await tools.record({ progress: { moved: false, note: false } });
  const contactId = brought.value.contactId ?? message.contactId;
  const afresh: Message = { ...message, step: null, dealId: null, contactId, progress: {} };
  // The mirror was asked before the contact was made: now amoCRM itself is.
  const again = await bringStudent(afresh, student, event.stage, { ...tools, match: null });
  return again.ok ? noteEvent(event, again.value, tools) : again.end;
}

async function noteEvent(event: SchoolEvent, brought: BroughtStudent, tools: Tools): Promise<End> {
  const { message, contactId, dealId, reason } = brought;
  const content = event.note(brought);
  const noted = content === null ? null : await addNote(message, dealId, content, tools);
  if (noted !== null) return noted;
  return { kind: "delivered", contactId, dealId, ...(reason === null ? {} : { reason }) };
}
