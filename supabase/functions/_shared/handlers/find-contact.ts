import type { ContactKey } from "../amocrm/contact-keys.ts";
import type { Contact } from "../amocrm/entities.ts";
import { matchContact, searchQuery } from "../amocrm/match-contact.ts";
import { readContact, searchContacts } from "../drain/operations.ts";
import type { Message } from "../outbox/message.ts";
import type { Result, Tools } from "./handler.ts";

/**
 * The person's contact in amoCRM, read fresh: by our own link, then by e-mail, then by phone. Null if there is none.
 * A hit counts only if its field holds the very value, because amoCRM searches all fields and parts of them.
 */
export async function findContact(message: Message, tools: Tools): Promise<Result<Contact | null>> {
  if (message.contactId !== null) {
    const linked = await readLinked(message.contactId, tools);
    if (!linked.ok || linked.value !== null) return linked;
  }
  for (const key of keysOf(message)) {
    const answer = await tools.perform(searchContacts, searchQuery(key));
    if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
    const { chosen, others } = matchContact(answer.value, key);
    if (chosen === null) continue;
    for (const other of others) {
      tools.duplicate({
        type: "contact",
        keptId: chosen.id,
        otherId: other.id,
        reason: `both have the same ${key.kind}; the one changed last is used`,
      });
    }
    await tools.record({ contactId: chosen.id, progress: {} });
    return { ok: true, value: chosen };
  }
  return { ok: true, value: null };
}

async function readLinked(contactId: number, tools: Tools): Promise<Result<Contact | null>> {
  const answer = await tools.perform(readContact, contactId);
  if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
  if (answer.value !== null && !answer.value.isDeleted) return { ok: true, value: answer.value };
  tools.warn({
    code: "contact_deleted",
    message: `Contact ${contactId} was deleted in amoCRM; it was found again or made anew`,
  });
  await tools.record({ dropsContact: true, progress: {} });
  return { ok: true, value: null };
}

function keysOf(message: Message): ContactKey[] {
  const keys: ContactKey[] = [];
  if (message.emailKey !== null) keys.push({ kind: "email", value: message.emailKey });
  if (message.phoneKey !== null) keys.push({ kind: "phone", value: message.phoneKey });
  return keys;
}
