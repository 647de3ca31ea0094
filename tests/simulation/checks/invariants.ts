import { isLeftToPerson, isOfOddOne } from "../people/odd-things.ts";
import { pipelineOf } from "../people/watch.ts";
import { BAD_SOURCE } from "../world/plan.ts";
import type { World } from "../world/world.ts";
import { type Evidence, isTold, type MessageRow, namesMessage, notesOf } from "./evidence.ts";
import { brokenPeople, confusedPeople, isContactGone } from "./invariants-of-people.ts";
import { brokenSchool, dealsOfStudent } from "./invariants-of-school.ts";
import { brokenTells } from "./invariants-of-tells.ts";
import {
  brokenOrder,
  brokenPace,
  calledInVain,
  sentWhileBlocked,
  sentWhilePaused,
} from "./invariants-of-traffic.ts";
import { brokenNamesakes, dealsOfLead, isRecognised } from "./invariants-without-marker.ts";

/** A worker that died this often with a message alone in flight makes it poison (rule 5). */
const DEATHS_OF_POISON = 3;
/** What poison is given up with: nothing of it is outstanding, or it could not be looked for either. */
const POISON_CODES = ["worker_died", "worker_died_unanswered"];

/** What must hold at the end of a run and does not; empty if all is well. */
export function findViolations(world: World, evidence: Evidence): string[] {
  count(world, evidence);
  const confused = confusedPeople(evidence, world);
  return [
    ...evidence.leads.flatMap((lead) => brokenLead(lead.id, confused, evidence, world)),
    ...evidence.messages.flatMap((message) => brokenMessage(message, evidence, world)),
    ...brokenPeople(confused, evidence, world),
    ...sharedDeals(evidence, world),
    ...strayDeals(evidence, world),
    ...brokenSchool(world, evidence, (message) => isGivenUpRightly(message, world)),
    ...brokenTells(world, evidence, (message) => isGivenUpRightly(message, world)),
    ...brokenNamesakes(evidence, world),
    ...brokenOrder(world, evidence),
    ...brokenPace(world),
    ...sentWhileBlocked(world),
    ...sentWhilePaused(world),
    ...calledInVain(world),
    ...world.otherAccount.violations(world.record.faultTimesMs.length),
  ];
}

function isPoison(message: MessageRow): boolean {
  return (
    POISON_CODES.includes(message.last_error_code ?? "") && message.alone_crash_count >= DEATHS_OF_POISON
  );
}

function isGivenUpRightly(message: MessageRow, { plan }: World): boolean {
  return isPoison(message) || isLeftToPerson(message.last_error_code, plan);
}

/** Every committed lead is in the CRM exactly once, as its route says; what is dead has a reason that is its own. */
function brokenLead(
  id: string,
  confused: ReadonlySet<number | undefined>,
  evidence: Evidence,
  world: World,
): string[] {
  const lead = evidence.leads.find((row) => row.id === id);
  const own = evidence.messages.filter((row) => row.subject_id === id && row.kind === "lead.created");
  const [message] = own;
  const name = `lead ${id.slice(0, 8)}`;
  if (lead === undefined || message === undefined || own.length > 1)
    return [`${name} has ${own.length} messages`];
  // Without a marker, and with a name that others have too, whose deal is whose is judged for all of them together.
  const isCertain = isRecognised(id, evidence, world);
  const marked = isCertain ? dealsOfLead(id, evidence, world) : [];
  // What was told to a deal that a manager then deleted went with it, and was told again to the next.
  const isOnItsDeal = (dealId: number) =>
    dealId === lead.amocrm_deal_id || !world.manager.deletedDealIds.has(dealId);
  const notes = notesOf(message, evidence.notes).filter((note) => isOnItsDeal(note.entity_id));
  const broken: string[] = [];
  if (marked.length > 1) broken.push(`${name} has ${marked.length} deals: ${marked.map((deal) => deal.id)}`);
  if (notes.length > 1) broken.push(`${name} has ${notes.length} notes of message ${message.id}`);
  const tasks = evidence.tasks.filter(
    (task) => namesMessage(task.text, message) && isOnItsDeal(task.entity_id),
  );
  if (tasks.length > 1) broken.push(`${name} has ${tasks.length} tasks`);
  if (message.state === "dead") {
    const isMisrouted = lead.source === BAD_SOURCE && message.last_error_code === "validation_failed";
    if (!isMisrouted && !isGivenUpRightly(message, world) && !isOfOddOne(message.email_key))
      broken.push(`${name} is dead although innocent: ${message.last_error_code}`);
    return broken;
  }
  if (message.state === "cancelled" && world.admin.cancelledIds.has(message.id)) return broken;
  if (message.state !== "delivered") return [...broken, `${name} is ${message.state}`];
  if (!lead.is_synced || lead.amocrm_deal_id === null)
    broken.push(`${name} is delivered, its row does not say so`);
  // The deal of another row of the account, perhaps, or the contact of one: both as odd as they are.
  if (isOfOddOne(message.email_key)) return broken;
  const deal = evidence.deals.find((row) => row.id === lead.amocrm_deal_id);
  const { manager } = world;
  if (deal === undefined && manager.deletedDealIds.has(lead.amocrm_deal_id ?? 0)) return broken;
  if (deal === undefined) return [...broken, `${name} says deal ${lead.amocrm_deal_id}, which is not there`];
  if (deal.pipeline_id !== pipelineOf(lead.source) && !manager.editedDealIds.has(deal.id))
    broken.push(`${name} is in pipeline ${deal.pipeline_id}`);
  const onDeal = deal._embedded.contacts.map((contact) => contact.id);
  // Its contact deleted or merged, the deal may have none, or one by which a change of the lead did not find it again.
  const isTouched =
    isContactGone(lead.amocrm_contact_id, world) ||
    confused.has(evidence.personOf(message)) ||
    (onDeal.length === 0 && manager.goneContactIds.size > 0) ||
    onDeal.some((contactId) => manager.changedContactIds.has(contactId));
  if (!isTouched && !onDeal.includes(lead.amocrm_contact_id ?? 0)) {
    broken.push(`${name} says contact ${lead.amocrm_contact_id}, its deal has ${onDeal}`);
  }
  if (message.progress.deal === "reused") {
    const isTaskOwed = world.plan.onRepeat === "note_and_task" && message.progress.isWon !== true;
    const isUnconfirmed = message.warnings.some(({ code }) => code === "task_unconfirmed");
    if (isTaskOwed && tasks.length !== 1 && !isUnconfirmed)
      broken.push(`${name} repeats and left ${tasks.length} tasks`);
    if (world.plan.onRepeat === "deal")
      broken.push(`${name} shares a deal although its route makes one for each`);
    if (marked.length > 0) broken.push(`${name} shares deal ${deal.id} and has ${marked[0]?.id} of its own`);
    if (notes.length !== 1 || notes[0]?.entity_id !== deal.id)
      broken.push(`${name} left ${notes.length} notes on deal ${deal.id}`);
  } else if (isCertain && marked[0]?.id !== deal.id)
    broken.push(`${name} says deal ${deal.id}, marked is ${marked[0]?.id}`);
  const isNoteOwed =
    lead.metadata !== null &&
    !evidence.messages.some((row) => row.subject_id === id && row !== message && !isTold(row));
  if (isNoteOwed && notes.length !== 1) broken.push(`${name} has metadata and ${notes.length} notes`);
  return broken;
}

function brokenMessage(message: MessageRow, evidence: Evidence, world: World): string[] {
  const broken: string[] = [];
  const name = `message ${message.id} (${message.kind})`;
  if (message.attempt_count > evidence.maxAttempts)
    broken.push(`${name} has ${message.attempt_count} attempts`);
  if (message.state === "dead" && message.last_error_code === null)
    broken.push(`${name} is dead without a reason`);
  if ((message.state === "cancelled") !== world.admin.cancelledIds.has(message.id))
    broken.push(`${name} is ${message.state}, which is not what the admin ordered`);
  if (message.kind !== "lead.updated") return broken;
  const notes = notesOf(message, evidence.notes);
  const isNoteOwed = (message.payload.changed ?? []).some(
    (column) => column !== "email" && column !== "phone",
  );
  // A phone or e-mail that is somebody else's does not get onto the contact: then the note tells it.
  const mayBeTold = world.plan.hasMixedKeys && !isNoteOwed && notes.length === 1;
  if (message.state === "delivered" && notes.length !== Number(isNoteOwed) && !mayBeTold) {
    broken.push(`${name} is delivered with ${notes.length} notes`);
  }
  if (notes.length > 1) broken.push(`${name} has ${notes.length} notes`);
  if (message.state === "dead" && !isGivenUpRightly(message, world) && !isOfOddOne(message.email_key))
    broken.push(`${name} is dead although innocent: ${message.last_error_code}`);
  if (message.state === "superseded") {
    const created = evidence.messages.find(
      (row) => row.subject_id === message.subject_id && row.kind === "lead.created",
    );
    // Two people who were to become one and did not: the lead itself comes later, with the newest values.
    const isElsewhere = created?.person_id !== message.person_id;
    const isTakenOut =
      world.admin.touchedIds.has(created?.id ?? 0) ||
      ["deal_deleted", "told_together"].includes(message.last_error_code ?? "");
    if (created?.state !== "dead" && !isElsewhere && !isTakenOut) {
      broken.push(`${name} is superseded, its lead is ${created?.state}`);
    }
  }
  return broken;
}

/** Each lead that made a deal has its own. */
function sharedDeals(evidence: Evidence, world: World): string[] {
  const made = evidence.messages.filter(
    (row) =>
      row.kind === "lead.created" &&
      row.progress.deal === "created" &&
      row.amocrm_deal_id !== null &&
      isRecognised(row.subject_id, evidence, world),
  );
  return [...Map.groupBy(made, (row) => row.amocrm_deal_id)]
    .filter(([, rows]) => rows.length > 1)
    .map(
      ([deal, rows]) =>
        `deal ${deal} was made for the leads ${rows.map((row) => row.subject_id.slice(0, 8))}`,
    );
}

/** No deal without a lead, no contact without a deal or a manager. */
function strayDeals(evidence: Evidence, world: World): string[] {
  const said = new Set([...evidence.leads, ...evidence.students].map((row) => row.amocrm_deal_id));
  const isGivenUp = ({ id, state }: MessageRow) =>
    state === "dead" || state === "cancelled" || world.admin.cancelledInDoubtIds.has(id);
  const givenUp = evidence.messages.filter((row) => row.kind === "lead.created" && isGivenUp(row));
  const givenUpStudents = evidence.students.filter(({ id }) =>
    evidence.messages.some((row) => row.subject_id === id && isGivenUp(row)),
  );
  // Namesakes are judged together: one may have taken the deal of another and left its own.
  const namesakes = evidence.leads.filter(({ id }) => !isRecognised(id, evidence, world)).map(({ id }) => id);
  const excused = new Set(
    [
      ...[...givenUp.map((row) => row.subject_id), ...namesakes].flatMap((leadId) =>
        dealsOfLead(leadId, evidence, world),
      ),
      ...givenUpStudents.flatMap((student) => dealsOfStudent(student, evidence, world)),
    ].map(({ id }) => id),
  );
  return evidence.deals
    .filter(({ id }) => !said.has(id) && !excused.has(id) && !world.manager.isKeptOff("leads", id))
    .map((deal) => `deal ${deal.id} belongs to no lead`);
}

function count({ record, plan }: World, evidence: Evidence): void {
  const { counts } = record;
  counts.requests += record.departures.length;
  counts.dead += evidence.messages.filter((row) => row.state === "dead").length;
  counts.leftToPerson += evidence.messages.filter(
    (row) => row.state === "dead" && isLeftToPerson(row.last_error_code, plan),
  ).length;
  counts.poisoned += evidence.messages.filter((row) => row.state === "dead" && isPoison(row)).length;
  counts.uncertain += record.uncertainIds.size;
  counts.uncertainResolved += evidence.messages.filter(
    (row) => record.uncertainIds.has(row.id) && row.state === "delivered",
  ).length;
}
