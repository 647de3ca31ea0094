import { isOfOddOne } from "../people/odd-things.ts";
import { DUMMY_DIGITS } from "../people/shared-phones.ts";
import { GOOD_SOURCES } from "../world/plan.ts";
import type { World } from "../world/world.ts";
import { type Evidence, isCancelledInDoubt, type MessageRow, valuesOf } from "./evidence.ts";
import { isRecognised } from "./invariants-without-marker.ts";

/** One contact for each person, and for a person one deal in each pipeline where repeats become notes. */
export function brokenPeople(
  confused: ReadonlySet<number | undefined>,
  evidence: Evidence,
  world: World,
): string[] {
  const made = evidence.messages.filter(
    (row) =>
      (row.kind === "lead.created" || row.kind === "student.created") &&
      row.state === "delivered" &&
      row.person_id !== null &&
      !isOfOddOne(row.email_key) &&
      !confused.has(evidence.personOf(row)),
  );
  return [
    ...brokenPhones(evidence, world),
    ...[...Map.groupBy(made, evidence.personOf)].flatMap(([person, messages]) =>
      brokenPerson(`person ${person}`, messages, evidence, world),
    ),
    ...evidence.keys.flatMap((key) => brokenKey(key, made, confused, evidence, world)),
  ];
}

/** A dummy is nobody's, and one phone makes nobody one who has an e-mail of their own. */
function brokenPhones(evidence: Evidence, world: World): string[] {
  const broken = evidence.keys
    .filter(({ key }) => key.endsWith(DUMMY_DIGITS))
    .map(({ person_id: id }) => `the dummy is a key of person ${id}`);
  for (const contact of evidence.contacts) {
    const hasDummy = valuesOf(contact, "PHONE").some((value) =>
      String(value).replace(/\D/g, "").endsWith(DUMMY_DIGITS),
    );
    if (hasDummy) broken.push(`the dummy is on the card of contact ${contact.id}`);
  }
  if (world.plan.hasMixedKeys) return broken;
  // Somebody who left the e-mail alone lacks a phone, and may become who has it before either has a card (rule 2).
  const alone = new Set(
    evidence.messages.filter((row) => row.phone_key === null).map((row) => row.email_key),
  );
  for (const [person, rows] of Map.groupBy(evidence.messages, evidence.personOf)) {
    const emails = new Set(rows.map((row) => row.email_key).filter((key) => key !== null && !alone.has(key)));
    if (person !== undefined && emails.size > 1)
      broken.push(`person ${person} has the e-mails of ${emails.size} strangers`);
  }
  return broken;
}

function brokenPerson(
  name: string,
  messages: readonly MessageRow[],
  evidence: Evidence,
  world: World,
): string[] {
  const broken: string[] = [];
  const contacts = new Set(
    messages.map((row) => row.amocrm_contact_id).filter((id) => !isContactGone(id, world)),
  );
  if (contacts.size > 1) broken.push(`${name} has the contacts ${[...contacts]}`);
  if (world.plan.onRepeat === "deal") return broken;
  // A deal that a manager took away, or whose contact is gone, is rightly followed by another.
  const created = messages.filter(
    (row) =>
      row.progress.deal === "created" &&
      !world.manager.editedDealIds.has(row.amocrm_deal_id ?? 0) &&
      !isContactGone(row.amocrm_contact_id, world) &&
      !hasLostItsContact(row.amocrm_deal_id, evidence, world),
  );
  // A student's deal and one of a lead that goes into the school's pipeline are one.
  const sourceOf = (row: MessageRow) =>
    evidence.leads.find((lead) => lead.id === row.subject_id)?.source ?? GOOD_SOURCES[1];
  for (const [source, ofSource] of Map.groupBy(created, sourceOf)) {
    const deals = ofSource
      .filter((row) => !isInherited(row, ofSource, world))
      .map((row) => row.amocrm_deal_id);
    if (deals.length > 1) broken.push(`${name} has ${deals.length} deals of ${source}: ${deals}`);
  }
  return broken;
}

/** One contact holds the e-mail or phone, and it is the person's. */
function brokenKey(
  { type, key, person_id }: Evidence["keys"][number],
  made: readonly MessageRow[],
  confused: ReadonlySet<number | undefined>,
  evidence: Evidence,
  world: World,
): string[] {
  const broken: string[] = [];
  const { manager } = world;
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
  const contactId = evidence.people.find((row) => row.person_id === person_id)?.amocrm_contact_id;
  // The person had a contact by the phone before the e-mail came, which a manager's card has: the two are listed.
  const isListed = (id: number) =>
    evidence.contactPairs.some(({ kept_id, other_id }) => kept_id === contactId && other_id === id);
  const strangers = holders.filter(({ id }) => id !== contactId);
  const areListed = strangers.every(({ id }) => world.knownContactIds.has(id) && isListed(id));
  const isOwn = (row: MessageRow) => evidence.personOf(row) === person_id;
  // Cancelled with its last request unanswered; taken for a namesake; changed by hand in between; or one that cannot be read.
  const isExcused =
    isOfOddOne(key) ||
    evidence.messages.some((row) => isOwn(row) && isCancelledInDoubt(row)) ||
    confused.has(person_id) ||
    holders.some((contact) => manager.changedContactIds.has(contact.id));
  if (holders.length > 1 && !isTheirs && !areListed && !isExcused)
    broken.push(`${type} of person ${person_id} is with contacts ${holders.map((contact) => contact.id)}`);
  // What a manager deleted with its card is not put on the next one by a message about the deal that lost it (a student's
  // second message, say): the next lead that names it does that.
  const isOwed = made.some(
    (row) =>
      (type === "email" ? row.email_key : row.phone_key) === key &&
      !isContactGone(row.amocrm_contact_id, world) &&
      !hasLostItsContact(row.amocrm_deal_id, evidence, world) &&
      isOwn(row),
  );
  const isChanged =
    manager.goneContactIds.has(contactId ?? 0) || manager.changedContactIds.has(contactId ?? 0);
  if (isOwed && !isChanged && !holders.some((contact) => contact.id === contactId))
    broken.push(`the ${type} of person ${person_id} is not on contact ${contactId}`);
  return broken;
}

/**
 * People whose contact may be another's: a lead that was taken for a namesake brings the namesake's contact; one that was
 * cancelled in doubt, and requeued when its person had become another, the contact it was meant for then.
 */
export function confusedPeople(evidence: Evidence, world: World): ReadonlySet<number | undefined> {
  const isStrange = (row: MessageRow) =>
    (world.admin.touchedIds.has(row.id) && world.record.uncertainIds.has(row.id)) ||
    !isRecognised(row.subject_id, evidence, world);
  return new Set(evidence.messages.filter(isStrange).map(evidence.personOf));
}

/** Deleted by a manager, or merged into another; a deal that was adopted after that names none at all. */
export function isContactGone(id: number | null, { manager }: World): boolean {
  return id === null ? manager.goneContactIds.size > 0 : manager.goneContactIds.has(id);
}

/** A deal whose contact a manager deleted names none: who it belongs to shows no more when it is adopted. */
function hasLostItsContact(dealId: number | null, { deals }: Evidence, { manager }: World): boolean {
  const deal = deals.find(({ id }) => id === dealId);
  return manager.goneContactIds.size > 0 && deal?._embedded.contacts.length === 0;
}

/** Made for another contact, which a manager merged into this one when all of these deals were there already. */
function isInherited(row: MessageRow, rows: readonly MessageRow[], { manager }: World): boolean {
  const newestDealId = manager.newestDealAtMerge.get(row.amocrm_deal_id ?? 0);
  return (
    newestDealId !== undefined && rows.every(({ amocrm_deal_id: id }) => id !== null && id <= newestDealId)
  );
}
