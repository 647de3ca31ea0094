import type { ContactKey } from "../../platform/contact-keys.ts";
import type { Contact } from "../api/entities.ts";
import { readContact, searchContacts } from "../drain/operations.ts";
import type { Match } from "../drain/port.ts";
import type { End, Result, Tools } from "../handler.ts";
import type { Message, Progress } from "../message.ts";
import {
  type ContactMatch,
  emailsOf,
  hasAnotherEmail,
  hasEmailOf,
  holdsKey,
  matchContact,
  searchQueries,
} from "../rules/match-contact.ts";

/** A card with more e-mails is one of a kind; these few tell that it has some, and mostly which. */
const EMAILS_SEEN_MAX = 20;

/** What finding a contact needs to know of the message. */
export type Sought = Pick<Message, "contactId" | "emailKey" | "phoneKey" | "personEmails"> & {
  progress?: Pick<Progress, "refusedContactIds">;
};

/** What finding a contact may use. */
export type FindingTools = Pick<
  Tools,
  "match" | "reserveContact" | "perform" | "record" | "warn" | "duplicate"
>;

/** Deleted in amoCRM since the mirror was read. Its link is gone by now, so the next turn finds another or makes one. */
export const CONTACT_GONE: End = {
  kind: "waiting",
  code: "contact_deleted",
  message: "The contact was deleted in amoCRM; another one is found or made",
};

/** Waiting would not make the hit readable, and a search brings strangers more often than the person. */
const HIT_UNREADABLE = {
  code: "hit_unreadable",
  message:
    "amoCRM's search for the person also brought a contact that cannot be read; should it be this person, there are two now",
};

/** A contact, and whether it was read from amoCRM in this drain or is as old as the mirror. */
export interface FoundContact {
  contact: Contact;
  isFresh: boolean;
}

/** What was found of a person. */
export interface Finding {
  /** Null if the person has no contact yet. */
  found: FoundContact | null;
  /** The phone is on somebody else's card (rule 2): it must not get onto this person's, and belongs into the note. */
  isPhoneAnothers: boolean;
}

/**
 * The person's contact in amoCRM: by our own link, then by e-mail, then by phone, unless the contact with the phone has
 * another e-mail: then it is somebody else's. A complete mirror answers without a request, unless all it has was deleted
 * and may be restored; else amoCRM is asked.
 */
export async function findContact(message: Sought, tools: FindingTools): Promise<Result<Finding>> {
  const { match } = tools;
  const sought = await (match === null || match.mayBeRestored
    ? search(message, tools)
    : fromMirror(match, message, tools));
  if (!sought.ok) return sought;
  const { found, strangerId } = sought.value;
  if (strangerId !== null) await yieldPhone(strangerId, found, tools);
  const finding = { ok: true as const, value: { found, isPhoneAnothers: strangerId !== null } };
  if (found === null || tools.reserveContact(found.contact.id)) return finding;
  // Two people of ours may be one contact there: side by side, or while the first does not know what became of its
  // request, each would make a deal, where the second is a repeat.
  return {
    ok: false,
    end: {
      kind: "waiting",
      code: "contact_in_use",
      message: `Another message is about contact ${found.contact.id} and comes first`,
    },
  };
}

/** The contact as it is in amoCRM now; null if it is gone. Read before its values are replaced. */
export async function refresh(found: FoundContact, tools: FindingTools): Promise<Result<Contact | null>> {
  if (found.isFresh) return { ok: true, value: found.contact };
  return readLinked(found.contact.id, tools);
}

/** A contact, if there is one, and the one of somebody else who has the phone. */
interface Sighting {
  found: FoundContact | null;
  strangerId: number | null;
}

/** The phone is the other one's key from now on; a contact that the person has, or will have, is listed beside that one. */
async function yieldPhone(
  strangerId: number,
  found: FoundContact | null,
  tools: FindingTools,
): Promise<void> {
  if (found !== null) {
    tools.duplicate({
      type: "contact",
      keptId: found.contact.id,
      otherId: strangerId,
      reason: "a lead of the one came with the phone of the other",
    });
  }
  await tools.record({ yieldsPhoneTo: strangerId, progress: found === null ? { strangerId } : {} });
}

async function fromMirror(match: Match, message: Sought, tools: FindingTools): Promise<Result<Sighting>> {
  if (match.linkedIsDeleted && message.contactId !== null) await dropContact(message.contactId, tools);
  const { contact, strangerId } = match;
  if (contact === null || isRefused(contact, message))
    return { ok: true, value: { found: null, strangerId } };
  // By our own link the others can only have the e-mail that this card still lacks.
  const by = match.by === "link" ? "email" : match.by;
  for (const otherId of match.otherIds) listDuplicate(contact.id, otherId, by, tools);
  if (match.by !== "link") await tools.record({ contactId: contact.id, progress: {} });
  else if (match.otherIds.length > 0) await tools.record({ progress: {} });
  return { ok: true, value: { found: { contact, isFresh: false }, strangerId } };
}

async function search(message: Sought, tools: FindingTools): Promise<Result<Sighting>> {
  const [email = null, phone = null] = (["email", "phone"] as const).map(
    (kind) => keysOf(message).find((key) => key.kind === kind) ?? null,
  );
  const known = await searchKnown(message, email, tools);
  if (!known.ok) return known;
  let contact = known.value;
  // Whose card has the phone already needs not be asked for.
  const mayBeAnothers = phone !== null && (contact === null || !holdsKey(contact.fields, phone));
  let strangerId: number | null = null;
  if (mayBeAnothers) {
    const hits = await searchKey(phone, message, tools);
    if (!hits.ok) return hits;
    const holders = [hits.value.chosen, ...hits.value.others].filter((holder) => holder !== null);
    if (contact === null) {
      const [own = null, ...others] = holders.filter(
        (holder) => !hasAnotherEmail(holder, message.personEmails),
      );
      contact = own;
      if (own !== null) await choose({ chosen: own, others }, "phone", tools);
    }
    const isOwn = contact !== null && holders.includes(contact);
    const stranger = holders.find((holder) => !hasEmailOf(holder, message.personEmails));
    strangerId = isOwn ? null : (stranger?.id ?? null);
  }
  return { ok: true, value: { found: contact === null ? null : { contact, isFresh: true }, strangerId } };
}

/** The contact by our own link, else by e-mail. */
async function searchKnown(
  message: Sought,
  email: ContactKey | null,
  tools: FindingTools,
): Promise<Result<Contact | null>> {
  if (message.contactId !== null) {
    const linked = await readLinked(message.contactId, tools);
    if (!linked.ok) return linked;
    if (linked.value !== null) {
      if (tools.match?.mayBeRestored === true)
        await tools.record({ contactId: linked.value.id, isAlive: true, progress: {} });
      return besideOthers(linked.value, message, email, tools);
    }
  }
  if (email === null) return { ok: true, value: null };
  const hits = await searchKey(email, message, tools);
  if (!hits.ok) return hits;
  if (hits.value.chosen !== null) await choose(hits.value, "email", tools);
  return { ok: true, value: hits.value.chosen };
}

/** The person's own contact, which is about to get an e-mail; another card that has it by then is for a person to judge. */
async function besideOthers(
  contact: Contact,
  message: Sought,
  email: ContactKey | null,
  tools: FindingTools,
): Promise<Result<Contact>> {
  if (email === null || holdsKey(contact.fields, email)) return { ok: true, value: contact };
  const hits = await searchKey(email, message, tools);
  if (!hits.ok) return hits;
  const holders = [hits.value.chosen, ...hits.value.others].filter((holder) => holder !== null);
  for (const { id } of holders) if (id !== contact.id) listDuplicate(contact.id, id, "email", tools);
  return { ok: true, value: contact };
}

/** The contacts that this message takes no more, and one beside them. */
export function refusedWith(contactId: number | null, { progress }: Pick<Message, "progress">): number[] {
  return [...(progress.refusedContactIds ?? []), ...(contactId === null ? [] : [contactId])];
}

/** amoCRM's search showed the contact, and its deals or a reading refused it, when this message was sent before. */
function isRefused({ id }: Contact, message: Sought): boolean {
  return message.progress?.refusedContactIds?.includes(id) === true;
}

/** Who has the key. A hit counts only if its field holds the very value, because amoCRM searches all fields and parts of them. */
async function searchKey(
  key: ContactKey,
  message: Sought,
  tools: FindingTools,
): Promise<Result<ContactMatch>> {
  const hits: Contact[] = [];
  let isReadWhole = true;
  for (const query of searchQueries(key)) {
    const answer = await tools.perform(searchContacts, query);
    if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
    hits.push(...answer.value.filter((hit) => !isRefused(hit, message)));
    isReadWhole &&= (answer.exchange.droppedCount ?? 0) === 0;
  }
  const match = matchContact(hits, key);
  if (match.chosen === null && !isReadWhole) tools.warn(HIT_UNREADABLE);
  return { ok: true, value: match };
}

async function choose(
  { chosen, others }: ContactMatch,
  by: ContactKey["kind"],
  tools: FindingTools,
): Promise<void> {
  if (chosen === null) return;
  for (const other of others) listDuplicate(chosen.id, other.id, by, tools);
  await tools.record({
    contactId: chosen.id,
    ...(tools.match?.mayBeRestored === true && { isAlive: true }),
    seenEmails: emailsOf(chosen).slice(0, EMAILS_SEEN_MAX),
    progress: {},
  });
}

async function readLinked(contactId: number, tools: FindingTools): Promise<Result<Contact | null>> {
  const answer = await tools.perform(readContact, contactId);
  if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
  if (answer.value !== null && !answer.value.isDeleted) return { ok: true, value: answer.value };
  await dropContact(contactId, tools);
  return { ok: true, value: null };
}

/** The link to a contact that is gone goes too; the person is found again or made anew. */
async function dropContact(contactId: number, tools: FindingTools): Promise<void> {
  tools.warn({
    code: "contact_deleted",
    message: `Contact ${contactId} was deleted in amoCRM; it was found again or made anew`,
  });
  await tools.record({ dropsContact: true, progress: {} });
}

function listDuplicate(keptId: number, otherId: number, by: Match["by"], tools: FindingTools): void {
  tools.duplicate({
    type: "contact",
    keptId,
    otherId,
    reason: `both have the same ${by ?? "key"}; the one that we know, or else the one changed last, is used`,
  });
}

/** By which a person is searched for, in this order. */
export function keysOf(message: Pick<Sought, "emailKey" | "phoneKey">): ContactKey[] {
  const keys: ContactKey[] = [];
  if (message.emailKey !== null) keys.push({ kind: "email", value: message.emailKey });
  if (message.phoneKey !== null) keys.push({ kind: "phone", value: message.phoneKey });
  return keys;
}
