import { SEED_IDS } from "../../dev/amocrm-simulator/account/account-seed.ts";
import {
  collectEvidence,
  type Evidence,
  type MessageRow,
  notesOf,
  referenceOf,
  valuesOf,
} from "./evidence.ts";
import { brokenOrder, brokenPace, calledInVain, sentWhileBlocked } from "./invariants-of-traffic.ts";
import { BAD_SOURCE, GOOD_SOURCES } from "./plan.ts";
import type { World } from "./world.ts";

/** A worker that died this often with a message alone in flight makes it poison (rule 5). */
const DEATHS_OF_POISON = 3;
/** What poison is given up with: nothing of it is outstanding, or it could not be looked for either. */
const POISON_CODES = ["worker_died", "worker_died_unanswered"];

/** What must hold at the end of a run and does not; empty if all is well. */
export async function findViolations(world: World): Promise<string[]> {
  const evidence = await collectEvidence(world);
  count(world, evidence);
  return [
    ...evidence.leads.flatMap((lead) => brokenLead(lead.id, evidence, world)),
    ...evidence.messages.flatMap((message) => brokenMessage(message, evidence)),
    ...brokenPeople(evidence, world),
    ...strayDeals(evidence),
    ...brokenOrder(world, evidence),
    ...brokenPace(world),
    ...sentWhileBlocked(world),
    ...calledInVain(world),
  ];
}

function isPoison(message: MessageRow): boolean {
  return (
    POISON_CODES.includes(message.last_error_code ?? "") && message.alone_crash_count >= DEATHS_OF_POISON
  );
}

/** Every committed lead is in the CRM exactly once, as its route says; what is dead has a reason that is its own. */
function brokenLead(id: string, evidence: Evidence, world: World): string[] {
  const lead = evidence.leads.find((row) => row.id === id);
  const own = evidence.messages.filter((row) => row.subject_id === id && row.kind === "lead.created");
  const [message] = own;
  const name = `lead ${id.slice(0, 8)}`;
  if (lead === undefined || message === undefined || own.length > 1)
    return [`${name} has ${own.length} messages`];
  const marked = evidence.deals.filter((deal) => valuesOf(deal, SEED_IDS.dealFields.leadId).includes(id));
  const notes = notesOf(message, evidence.notes);
  const broken: string[] = [];
  if (marked.length > 1) broken.push(`${name} has ${marked.length} deals: ${marked.map((deal) => deal.id)}`);
  if (notes.length > 1) broken.push(`${name} has ${notes.length} notes of message ${message.id}`);
  const tasks = evidence.tasks.filter(({ text }) => text.split("\n").includes(referenceOf(message)));
  if (tasks.length > 1) broken.push(`${name} has ${tasks.length} tasks`);
  if (message.state === "dead") {
    const isMisrouted = lead.source === BAD_SOURCE && message.last_error_code === "validation_failed";
    if (!isMisrouted && !isPoison(message))
      broken.push(`${name} is dead although innocent: ${message.last_error_code}`);
    return broken;
  }
  if (message.state !== "delivered") return [...broken, `${name} is ${message.state}`];
  if (!lead.is_synced || lead.amocrm_deal_id === null)
    broken.push(`${name} is delivered, its row does not say so`);
  const deal = evidence.deals.find((row) => row.id === lead.amocrm_deal_id);
  if (deal === undefined) return [...broken, `${name} says deal ${lead.amocrm_deal_id}, which is not there`];
  const pipeline = lead.source === GOOD_SOURCES[1] ? SEED_IDS.tripwire.pipeline : SEED_IDS.sales.pipeline;
  if (deal.pipeline_id !== pipeline) broken.push(`${name} is in pipeline ${deal.pipeline_id}`);
  if (!deal._embedded.contacts.some((contact) => contact.id === lead.amocrm_contact_id)) {
    broken.push(
      `${name} says contact ${lead.amocrm_contact_id}, its deal has ${deal._embedded.contacts.map((one) => one.id)}`,
    );
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
  } else if (marked[0]?.id !== deal.id)
    broken.push(`${name} says deal ${deal.id}, marked is ${marked[0]?.id}`);
  const isNoteOwed =
    lead.metadata !== null && !evidence.messages.some((row) => row.subject_id === id && row !== message);
  if (isNoteOwed && notes.length !== 1) broken.push(`${name} has metadata and ${notes.length} notes`);
  return broken;
}

function brokenMessage(message: MessageRow, evidence: Evidence): string[] {
  const broken: string[] = [];
  const name = `message ${message.id} (${message.kind})`;
  if (message.attempt_count > evidence.maxAttempts)
    broken.push(`${name} has ${message.attempt_count} attempts`);
  if (message.state === "dead" && message.last_error_code === null)
    broken.push(`${name} is dead without a reason`);
  if (message.kind !== "lead.updated") return broken;
  const notes = notesOf(message, evidence.notes);
  const isNoteOwed = (message.payload.changed ?? []).some(
    (column) => column !== "email" && column !== "phone",
  );
  if (message.state === "delivered" && notes.length !== Number(isNoteOwed)) {
    broken.push(`${name} is delivered with ${notes.length} notes`);
  }
  if (notes.length > 1) broken.push(`${name} has ${notes.length} notes`);
  if (message.state === "dead" && !isPoison(message))
    broken.push(`${name} is dead although innocent: ${message.last_error_code}`);
  if (message.state === "superseded") {
    const created = evidence.messages.find(
      (row) => row.subject_id === message.subject_id && row.kind === "lead.created",
    );
    // Two people who were to become one and did not: the lead itself comes later, with the newest values.
    const isElsewhere = created?.person_id !== message.person_id;
    if (created?.state !== "dead" && !isElsewhere) {
      broken.push(`${name} is superseded, its lead is ${created?.state}`);
    }
  }
  return broken;
}

/** One contact for each person, and for a person one deal in each pipeline where repeats become notes. */
function brokenPeople(evidence: Evidence, world: World): string[] {
  const broken: string[] = [];
  const made = evidence.messages.filter(
    (row) => row.kind === "lead.created" && row.state === "delivered" && row.person_id !== null,
  );
  for (const [person, messages] of Map.groupBy(made, (row) => evidence.finalPerson.get(row.person_id ?? 0))) {
    const contacts = new Set(messages.map((row) => row.amocrm_contact_id));
    if (contacts.size > 1) broken.push(`person ${person} has the contacts ${[...contacts]}`);
    if (world.plan.onRepeat === "deal") continue;
    const created = messages.filter((row) => row.progress.deal === "created");
    const sourceOf = (row: MessageRow) => evidence.leads.find((lead) => lead.id === row.subject_id)?.source;
    for (const [source, rows] of Map.groupBy(created, sourceOf)) {
      if (rows.length > 1) {
        broken.push(
          `person ${person} has ${rows.length} deals of ${source}: ${rows.map((row) => row.amocrm_deal_id)}`,
        );
      }
    }
  }
  for (const { type, key, person_id } of evidence.keys) {
    const holders = evidence.contacts.filter((contact) =>
      valuesOf(contact, type === "email" ? "EMAIL" : "PHONE").includes(key),
    );
    // A manager's contact with one kind of key only may turn out to be somebody who has a contact by the other.
    const isTheirs = holders.some(
      (contact) =>
        world.knownContactIds.has(contact.id) &&
        (world.plan.hasMixedKeys ||
          valuesOf(contact, "EMAIL").length === 0 ||
          valuesOf(contact, "PHONE").length === 0),
    );
    if (holders.length > 1 && !isTheirs)
      broken.push(`${type} of person ${person_id} is with contacts ${holders.map((contact) => contact.id)}`);
    const person = evidence.people.find((row) => row.person_id === person_id);
    const isOwed = made.some(
      (row) =>
        (type === "email" ? row.email_key : row.phone_key) === key &&
        evidence.finalPerson.get(row.person_id ?? 0) === person_id,
    );
    if (isOwed && !holders.some((contact) => contact.id === person?.amocrm_contact_id)) {
      broken.push(`the ${type} of person ${person_id} is not on contact ${person?.amocrm_contact_id}`);
    }
  }
  return broken;
}

/** No deal without a lead, no contact without a deal or a manager. */
function strayDeals(evidence: Evidence): string[] {
  const said = new Set(evidence.leads.map((lead) => lead.amocrm_deal_id));
  const dead = new Set(evidence.messages.filter((row) => row.state === "dead").map((row) => row.subject_id));
  return evidence.deals
    .filter(
      (deal) =>
        !said.has(deal.id) && !valuesOf(deal, SEED_IDS.dealFields.leadId).some((id) => dead.has(String(id))),
    )
    .map((deal) => `deal ${deal.id} belongs to no lead`);
}

function count({ record }: World, evidence: Evidence): void {
  const { counts } = record;
  counts.requests += record.departures.length;
  counts.dead += evidence.messages.filter((row) => row.state === "dead").length;
  counts.poisoned += evidence.messages.filter((row) => row.state === "dead" && isPoison(row)).length;
  counts.uncertain += record.uncertainIds.size;
  counts.uncertainResolved += evidence.messages.filter(
    (row) => record.uncertainIds.has(row.id) && row.state === "delivered",
  ).length;
}
