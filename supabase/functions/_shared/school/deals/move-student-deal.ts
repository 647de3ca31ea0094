import { type Deal, type Failed, LOST_STATUS_ID } from "../../amocrm/api.ts";
import { type EventStage, stageOf } from "../../amocrm/configuration.ts";
import type { End, Reason, Result, Tools } from "../../amocrm/handler.ts";
import type { Message } from "../../amocrm/message.ts";
import type { LeadRow, Leftover } from "../../amocrm/rules.ts";
import {
  DEAL_STEPS,
  type Moved,
  moveDeal,
  type PlacedDeal,
  placeDeal,
  readDeal,
} from "../../amocrm/steps.ts";
import { FIRST_EVENT, noPipeline, studentRoute } from "./student.ts";

/** A student's deal after an event. */
export interface StudentDeal {
  /** The message as it goes on: what it had put on a deal that was deleted went with that deal. */
  message: Message;
  contactId: number | null;
  dealId: number;
  /** The deal was made by this message, so it says nothing about the student yet. */
  isNew: boolean;
  /** What of the student belongs into the note. */
  leftovers: readonly Leftover[];
  /** Why the deal was not moved; null if it stands where the event leads. */
  reason: Reason | null;
}

/**
 * Brings a student's deal to the stage of an event (rule 7), or leaves it where it is if the event has none. The deal is
 * the one we know of; one deleted in amoCRM, or none at all, is found or made as for a new student.
 */
export async function moveStudentDeal(
  message: Message,
  student: LeadRow,
  stage: EventStage | null,
  tools: Tools,
): Promise<Result<StudentDeal>> {
  let deletedBy: Failed | null = null;
  for (;;) {
    const known = await knownDeal(message, student, tools);
    if (!known.ok) return known;
    if (known.value === null) break;
    // The read shows a deal that the move did not find: nobody can say which is true.
    if (deletedBy !== null) return { ok: false, end: await notGone(deletedBy, tools) };
    const moved = await moveIfWanted(message, known.value, stage, tools);
    if (!moved.ok) return moved;
    if ("reason" in moved.value)
      return { ok: true, value: knownStudentDeal(message, known.value, moved.value.reason) };
    deletedBy = moved.value.deletedBy;
  }
  return placeAnew(await withoutDeal(message, tools), student, stage, tools);
}

/** Nothing is left of what an earlier turn did to a deal that is gone; a create in doubt is that of the next one. */
async function withoutDeal(message: Message, tools: Tools): Promise<Message> {
  const { deal, moved, note, ...progress } = message.progress;
  if (moved === true || note === true) await tools.record({ progress: { moved: false, note: false } });
  const isInDoubt = message.step !== null && DEAL_STEPS.includes(message.step);
  return { ...message, dealId: null, step: isInDoubt ? message.step : null, progress };
}

/** amoCRM has the deal that it did not find: a bare 404 then accuses nothing of the message. */
async function notGone(failed: Failed, tools: Tools): Promise<End> {
  return { kind: "failed", failed: failed.fault.code === "not_found" ? await tools.dispute(failed) : failed };
}

/** A student's deal is made at the stage of student.created, or straight at the event's if that is in the same pipeline. */
async function placeAnew(
  message: Message,
  student: LeadRow,
  stage: EventStage | null,
  tools: Tools,
): Promise<Result<StudentDeal>> {
  const home = stageOf(tools.configuration, FIRST_EVENT) ?? stage;
  if (home === null) return { ok: false, end: noPipeline() };
  // No deal can begin as lost.
  const mayBegin =
    stage !== null && stage.pipeline_id === home.pipeline_id && stage.status_id !== LOST_STATUS_ID;
  const initialStage = mayBegin ? stage : home;
  const placed = await placeDeal(message, student, studentRoute(initialStage), tools);
  if (!placed.ok) return placed;
  const moved = await movePlaced(message, placed.value, stage, initialStage, tools);
  if (!moved.ok) return moved;
  if ("deletedBy" in moved.value) return { ok: false, end: await notGone(moved.value.deletedBy, tools) };
  const { contactId, dealId, isRepeat, leftovers } = placed.value;
  const { reason } = moved.value;
  return { ok: true, value: { message, contactId, dealId, isNew: !isRepeat, leftovers, reason } };
}

async function movePlaced(
  message: Message,
  placed: PlacedDeal,
  stage: EventStage | null,
  initialStage: EventStage,
  tools: Tools,
): Promise<Result<Moved>> {
  if (placed.deal !== null) return moveIfWanted(message, placed.deal, stage, tools);
  // Made where it belongs.
  if (stage === null || stage === initialStage) return { ok: true, value: { reason: null } };
  const made = await tools.perform(readDeal, placed.dealId);
  if (made.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: made } };
  return made.value === null
    ? { ok: true, value: { reason: null } }
    : moveIfWanted(message, made.value, stage, tools);
}

async function moveIfWanted(
  message: Message,
  deal: Deal,
  stage: EventStage | null,
  tools: Tools,
): Promise<Result<Moved>> {
  if (stage === null || message.progress.moved === true) return { ok: true, value: { reason: null } };
  const homePipelineId = stageOf(tools.configuration, FIRST_EVENT)?.pipeline_id ?? null;
  const moved = await moveDeal(deal, stage, homePipelineId, tools);
  if (!moved.ok || !("reason" in moved.value)) return moved;
  // That a deal stands where this very message made it needs no explanation.
  const isOwnWork = message.progress.deal === "created" && moved.value.reason?.code === "already_there";
  return isOwnWork ? { ok: true, value: { reason: null } } : moved;
}

/** The deal that we know the student by, read now; null if there is none or it was deleted. */
async function knownDeal(message: Message, student: LeadRow, tools: Tools): Promise<Result<Deal | null>> {
  const dealId = message.dealId ?? ownDealId(message, student);
  if (dealId === null) return { ok: true, value: null };
  const answer = await tools.perform(readDeal, dealId);
  if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
  if (answer.value !== null && !answer.value.isDeleted) return { ok: true, value: answer.value };
  tools.warn({
    code: "deal_deleted",
    message: `Deal ${dealId} was deleted in amoCRM; it was found again or made anew`,
  });
  return { ok: true, value: null };
}

/** The deal on the student's row, which an earlier integration may have written: to begin with, rule 7 chooses. */
function ownDealId(message: Message, student: LeadRow): number | null {
  const dealId = student["amocrm_deal_id"];
  return message.kind !== FIRST_EVENT && typeof dealId === "number" ? dealId : null;
}

function knownStudentDeal(message: Message, deal: Deal, reason: Reason | null): StudentDeal {
  const main = deal.contacts.find(({ isMain }) => isMain) ?? deal.contacts[0];
  return {
    message,
    contactId: message.contactId ?? main?.id ?? null,
    dealId: deal.id,
    isNew: message.progress.deal === "created",
    leftovers: [],
    reason,
  };
}
