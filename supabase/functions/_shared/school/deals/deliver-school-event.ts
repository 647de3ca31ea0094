import type { EventStage } from "../../amocrm/configuration.ts";
import type { End, Tools } from "../../amocrm/handler.ts";
import type { Message } from "../../amocrm/message.ts";
import type { LeadRow, NoteContent } from "../../amocrm/rules.ts";
import { addNote, checkDealDeleted } from "../../amocrm/steps.ts";
import { moveStudentDeal, type StudentDeal } from "./move-student-deal.ts";

/** An event of the school: where it moves the deal, if anywhere, and what it notes there, if anything. */
export interface SchoolEvent {
  stage: EventStage | null;
  note(brought: StudentDeal): NoteContent | null;
}

/** Brings the student's deal where an event leads, and notes the event there; also if a manager deletes the deal meanwhile. */
export async function deliverSchoolEvent(
  message: Message,
  student: LeadRow,
  event: SchoolEvent,
  tools: Tools,
): Promise<End> {
  const brought = await moveStudentDeal(message, student, event.stage, tools);
  if (!brought.ok) return brought.end;
  const noted = await noteEvent(event, brought.value, tools);
  const { dealId } = brought.value;
  const end = await checkDealDeleted(noted, dealId, tools);
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
  const again = await moveStudentDeal(afresh, student, event.stage, { ...tools, match: null });
  return again.ok ? noteEvent(event, again.value, tools) : again.end;
}

async function noteEvent(event: SchoolEvent, brought: StudentDeal, tools: Tools): Promise<End> {
  const { message, contactId, dealId, reason } = brought;
  const content = event.note(brought);
  const noted = content === null ? null : await addNote(message, dealId, content, tools);
  if (noted !== null) return noted;
  return { kind: "delivered", contactId, dealId, ...(reason === null ? {} : { reason }) };
}
