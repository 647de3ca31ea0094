import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { LOST_STATUS_ID, WON_STATUS_ID } from "#dev/amocrm-simulator/account/models.ts";
import { LESSONS } from "../people/school.ts";
import { isOverrun, isOvertaken, movesOf } from "../world/overruns.ts";
import type { World } from "../world/world.ts";
import {
  type CrmDeal,
  type Evidence,
  essenceOf,
  isCancelledInDoubt,
  type MessageRow,
  notesOf,
  type StudentRow,
  valuesOf,
} from "./evidence.ts";

const { tripwire } = SEED_IDS;
/** The stages of the school's pipeline in their order; a deal's place among them is its rank. */
const STAGES: readonly number[] = [tripwire.bought, tripwire.lesson67, tripwire.lesson68, tripwire.lesson69];
/** Why a deal was rightly left where it is although nobody has touched it. */
const QUIET_REASONS = new Set(["already_there", "deal_ahead", "lesson_without_stage"]);

/** Students and their lessons: each told once, their deal where the furthest lesson leads, never moved back. */
export function brokenSchool(
  world: World,
  evidence: Evidence,
  isGivenUpRightly: (row: MessageRow) => boolean,
): string[] {
  return [
    ...evidence.students.flatMap((student) => brokenStudent(student, evidence, world, isGivenUpRightly)),
    ...brokenStages(evidence, world),
    ...brokenMoves(world),
  ];
}

/** The deals that were made for a student: those with the marker, or without one those with the name. */
export function dealsOfStudent(
  { id, full_name }: StudentRow,
  evidence: Evidence,
  { plan }: World,
): CrmDeal[] {
  return plan.marker === "set"
    ? evidence.deals.filter((deal) => valuesOf(deal, SEED_IDS.dealFields.leadId).includes(id))
    : evidence.deals.filter(({ name }) => essenceOf(name) === essenceOf(`${full_name} — Tripwire`));
}

function brokenStudent(
  student: StudentRow,
  evidence: Evidence,
  world: World,
  isGivenUpRightly: (row: MessageRow) => boolean,
): string[] {
  const { manager, admin } = world;
  const name = `student ${student.id.slice(0, 8)}`;
  const own = evidence.messages.filter((row) => row.subject_id === student.id);
  const broken: string[] = [];
  const kinds = own.map((row) => `${row.kind} ${row.payload.lessonId ?? ""}`);
  if (new Set(kinds).size < kinds.length) broken.push(`${name} is told twice: ${kinds}`);
  const made = dealsOfStudent(student, evidence, world);
  if (made.length > 1 && !isCutShort(own, made, world))
    broken.push(`${name} has ${made.length} deals: ${made.map((deal) => deal.id)}`);
  for (const row of own) {
    const what = `${name}: message ${row.id} (${row.kind})`;
    // What was told to a deal that a manager then deleted went with it, and was told again to the next.
    const notes = notesOf(row, evidence.notes).filter(
      ({ entity_id }) => !manager.deletedDealIds.has(entity_id),
    );
    if (notes.length > 1) broken.push(`${what} has ${notes.length} notes`);
    if (row.state === "dead" && isGivenUpRightly(row)) continue;
    if (row.state === "cancelled" && admin.cancelledIds.has(row.id)) continue;
    if (row.state !== "delivered") {
      broken.push(`${what} is ${row.state}: ${row.last_error_code}`);
      continue;
    }
    const isNoteOwed = row.kind !== "lesson.completed";
    const isDealGone = manager.deletedDealIds.has(row.amocrm_deal_id ?? 0);
    if (isNoteOwed && notes.length !== 1 && !isDealGone) broken.push(`${what} has ${notes.length} notes`);
    const isUntouched = !manager.editedDealIds.has(row.amocrm_deal_id ?? 0);
    if (row.last_error_code !== null && isUntouched && !QUIET_REASONS.has(row.last_error_code))
      broken.push(`${what} did not move its deal, which nobody had touched: ${row.last_error_code}`);
    if (row.kind === "student.created" && (!student.is_synced || student.amocrm_deal_id === null))
      broken.push(`${what} is delivered, the student's row does not say so`);
  }
  const deal = evidence.deals.find(({ id }) => id === student.amocrm_deal_id);
  if (
    student.amocrm_deal_id !== null &&
    deal === undefined &&
    !manager.deletedDealIds.has(student.amocrm_deal_id)
  )
    broken.push(`${name} says deal ${student.amocrm_deal_id}, which is not there`);
  return broken;
}

/**
 * An admin cancelled the create in doubt, and amoCRM's search did not show its contact yet when the next message asked, or
 * a manager had deleted it: that one makes both anew. With the contact found, the deal is found by its marker, and there
 * are no two. A manager may have merged the two contacts since.
 */
function isCutShort(
  own: readonly MessageRow[],
  made: readonly CrmDeal[],
  { admin, manager }: World,
): boolean {
  const contactIds = made.flatMap((deal) => deal._embedded.contacts.map(({ id }) => id));
  const isDoubtful = own.some((row) => isCancelledInDoubt(row) || admin.cancelledInDoubtIds.has(row.id));
  const areTwo = new Set(contactIds).size === contactIds.length;
  return isDoubtful && (areTwo || contactIds.some((id) => manager.changedContactIds.has(id)));
}

/** A deal that no manager has touched stands where the furthest of its delivered events leads. */
function brokenStages(evidence: Evidence, { manager, simulator }: World): string[] {
  const told = evidence.messages.filter(
    ({ kind }) => kind === "student.created" || kind === "lesson.completed",
  );
  const events = told.filter(
    (row) => row.state === "delivered" && row.last_error_code !== "lesson_without_stage",
  );
  const isUnanswered = movesOf(simulator).some(({ ending }) => ending !== "answered");
  return [...Map.groupBy(events, (row) => row.amocrm_deal_id)].flatMap(([dealId, rows]) => {
    const deal = evidence.deals.find(({ id }) => id === dealId);
    if (deal === undefined || manager.editedDealIds.has(deal.id)) return [];
    const furthest = Math.max(...rows.map(rankOf));
    const rank = STAGES.indexOf(deal.status_id);
    // One that was given up, or whose stage the admin took away, may have moved the deal before its worker died.
    const isOfOneGivenUp = told.some(
      (row) =>
        rows.some(({ subject_id }) => subject_id === row.subject_id) &&
        !events.includes(row) &&
        rankOf(row) === rank,
    );
    if (deal.pipeline_id === tripwire.pipeline && (rank === furthest || (rank > furthest && isOfOneGivenUp)))
      return [];
    // What is said of a move that got no answer may come true late, after the next one: no client can prevent that.
    if (rank >= 0 && (isUnanswered || isOvertaken(simulator, deal.id))) return [];
    return [`deal ${deal.id} stands at stage ${deal.status_id}, its events lead to ${STAGES[furthest]}`];
  });
}

/** Where an event leads, counted from the first stage. */
function rankOf({ payload }: MessageRow): number {
  return (payload.lessonId ?? LESSONS[0] - 1) - (LESSONS[0] - 1);
}

/** A move follows a read of the same worker, and what a manager had decided before that read is respected (rule 7). */
function brokenMoves({ simulator, record, manager, plan }: World): string[] {
  return movesOf(simulator).flatMap((entry) => {
    const items = JSON.parse(entry.body ?? "[]") as { id: number; status_id: number }[];
    // A session service may have signed in between: the move arrives some seconds after it left us.
    const departure = record.departures.findLast(
      ({ atMs, what }) =>
        what === "PATCH /api/v4/leads" &&
        (plan.connection === "session" ? atMs <= entry.received_at_ms : atMs === entry.received_at_ms),
    );
    const read = record.departures.find(
      ({ worker, atMs, what }) =>
        worker === departure?.worker && atMs < entry.received_at_ms && /^GET \/api\/v4\/leads[/?]/.test(what),
    );
    record.counts.dealMoves += items.length;
    if (departure === undefined || read === undefined)
      return [`deals ${items.map(({ id }) => id)} were moved without having been read`];
    return items.flatMap(({ id, status_id }) => {
      const left = manager.placeBetween(id, read.atMs, entry.received_at_ms);
      if (left === null || isOverrun(simulator, id, left.sinceMs, read.atMs)) return [];
      const isOver = left.isDeleted || left.statusId === LOST_STATUS_ID || left.statusId === WON_STATUS_ID;
      const isElsewhere = left.pipelineId !== tripwire.pipeline;
      const isAhead = STAGES.indexOf(left.statusId) >= STAGES.indexOf(status_id);
      return isOver || isElsewhere || isAhead
        ? [
            `deal ${id} was moved to ${status_id} although a manager had put it at ${left.statusId} before it was read`,
          ]
        : [];
    });
  });
}
