import type { ContactKey } from "../amocrm/contact-keys.ts";
import type { Contact } from "../amocrm/entities.ts";
import { matchContact, searchQuery } from "../amocrm/match-contact.ts";
import { readContact, searchContacts } from "../drain/operations.ts";
import type { Message } from "../outbox/message.ts";
import type { Match } from "../outbox/port.ts";
import type { End, Result, Tools } from "./handler.ts";

/** What finding a contact needs to know of the message. */
export type Sought = Pick<Message, "contactId" | "emailKey" | "phoneKey">;

/** What finding a contact may use. */
export type FindingTools = Pick<
  Tools,
  "match" | "takesContact" | "perform" | "record" | "warn" | "duplicate"
>;

/** Deleted in amoCRM since the mirror was read. Its link is gone by now, so the next turn finds another or makes one. */
export const CONTACT_GONE: End = {
  kind: "waiting",
  code: "contact_deleted",
  message: "The contact was deleted in amoCRM; another one is found or made",
};

/** A contact, and whether it was read from amoCRM in this drain or is as old as the mirror. */
export interface FoundContact {
  contact: Contact;
  isFresh: boolean;
}

/**
 * The person's contact in amoCRM: by our own link, then by e-mail, then by phone. Null if there is none. A complete
 * mirror answers without a request; else amoCRM is asked.
 */
export async function findContact(
  message: Sought,
  tools: FindingTools,
): Promise<Result<FoundContact | null>> {
  const found = await (tools.match === null ? search(message, tools) : believe(tools.match, message, tools));
  if (!found.ok || found.value === null || tools.takesContact(found.value.contact.id)) return found;
  // Two people of ours may be one contact there: side by side, or while the first does not know what became of its
  // request, each would make a deal, where the second is a repeat.
  return {
    ok: false,
    end: {
      kind: "waiting",
      code: "contact_in_use",
      message: `Another message is about contact ${found.value.contact.id} and comes first`,
    },
  };
}

/** The contact as it is in amoCRM now; null if it is gone. Read before its values are replaced. */
export async function refresh(found: FoundContact, tools: FindingTools): Promise<Result<Contact | null>> {
  if (found.isFresh) return { ok: true, value: found.contact };
  return readLinked(found.contact.id, tools);
}

async function believe(
  match: Match,
  message: Sought,
  tools: FindingTools,
): Promise<Result<FoundContact | null>> {
  if (match.linkedIsDeleted && message.contactId !== null) await dropContact(message.contactId, tools);
  if (match.contact === null) return { ok: true, value: null };
  for (const otherId of match.otherIds) listDuplicate(match.contact.id, otherId, match.by, tools);
  if (match.by !== "link") await tools.record({ contactId: match.contact.id, progress: {} });
  return { ok: true, value: { contact: match.contact, isFresh: false } };
}

async function search(message: Sought, tools: FindingTools): Promise<Result<FoundContact | null>> {
  if (message.contactId !== null) {
    const linked = await readLinked(message.contactId, tools);
    if (!linked.ok) return linked;
    if (linked.value !== null) return { ok: true, value: { contact: linked.value, isFresh: true } };
  }
  for (const key of keysOf(message)) {
    const answer = await tools.perform(searchContacts, searchQuery(key));
    if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
    // A hit counts only if its field holds the very value, because amoCRM searches all fields and parts of them.
    const { chosen, others } = matchContact(answer.value, key);
    if (chosen === null) continue;
    for (const other of others) listDuplicate(chosen.id, other.id, key.kind, tools);
    await tools.record({ contactId: chosen.id, progress: {} });
    return { ok: true, value: { contact: chosen, isFresh: true } };
  }
  return { ok: true, value: null };
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
    reason: `both have the same ${by ?? "key"}; the one changed last is used`,
  });
}

/** By which a person is searched for, in this order. */
export function keysOf(message: Omit<Sought, "contactId">): ContactKey[] {
  const keys: ContactKey[] = [];
  if (message.emailKey !== null) keys.push({ kind: "email", value: message.emailKey });
  if (message.phoneKey !== null) keys.push({ kind: "phone", value: message.phoneKey });
  return keys;
}
