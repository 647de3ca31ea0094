import { type ContactKey, normalizeEmail, normalizePhone } from "../../platform/contact-keys.ts";
import { asciiDomain } from "../../platform/international-domain.ts";
import type { Contact, Field } from "../api/entities.ts";

/** `+7…` and `8…` are different strings to amoCRM's search, so a phone is searched by these (amocrm-api.md 6). */
const PHONE_SEARCH_DIGITS = 10;

const NORMALIZERS = { email: normalizeEmail, phone: normalizePhone };

/** The contact that a key belongs to, and those that hold the same key besides. */
export interface ContactMatch {
  chosen: Contact | null;
  others: Contact[];
}

/** What to search amoCRM for, one request each; hits must then be verified by `matchContact`. */
export function searchQueries({ kind, value }: ContactKey): string[] {
  if (kind === "phone") return [value.replace(/\D/g, "").slice(-PHONE_SEARCH_DIGITS)];
  // A card may have a domain beyond ASCII in either spelling.
  const at = value.lastIndexOf("@") + 1;
  return [...new Set([value, value.slice(0, at) + asciiDomain(value.slice(at))])];
}

/**
 * Keeps the hits whose e-mail or phone equals the key: a search also finds parts and other fields, and taking
 * the first hit overwrites strangers. The most recently changed one is chosen, the newest among equals.
 */
export function matchContact(hits: readonly Contact[], key: ContactKey): ContactMatch {
  const distinct = new Map(hits.map((hit) => [hit.id, hit]));
  const matching = [...distinct.values()]
    .filter((hit) => !hit.isDeleted && holdsKey(hit.fields, key))
    .sort((a, b) => b.updatedAt - a.updatedAt || b.id - a.id);
  const [chosen = null, ...others] = matching;
  return { chosen, others };
}

/** The e-mails of a card, normalised. */
export function emailsOf({ fields }: Contact): string[] {
  return valuesOf(fields, "email");
}

/** Whether a card is somebody else's, for all it tells, than a person's with these e-mails (rule 2). Nobody is told apart who has none. */
export function hasAnotherEmail(contact: Contact, emails: readonly string[]): boolean {
  return emails.length > 0 && emailsOf(contact).length > 0 && !hasEmailOf(contact, emails);
}

/** Whether a card has one of a person's e-mails. */
export function hasEmailOf(contact: Contact, emails: readonly string[]): boolean {
  return emailsOf(contact).some((email) => emails.includes(email));
}

/** Whether a contact's fields hold the key, whatever spelling they keep it in. */
export function holdsKey(fields: readonly Field[], { kind, value }: ContactKey): boolean {
  // The key is normalised here as well, so that it need not come from the same version of the rule.
  return valuesOf(fields, kind).includes(NORMALIZERS[kind](value) ?? value);
}

/** The e-mails or phones of a card, normalised; without what is none. */
function valuesOf(fields: readonly Field[], kind: ContactKey["kind"]): string[] {
  const fieldCode = kind === "email" ? "EMAIL" : "PHONE";
  return fields
    .filter((field) => field.fieldCode === fieldCode)
    .flatMap((field) => field.values)
    .flatMap((entry) => NORMALIZERS[kind](String(entry.value ?? "")) ?? []);
}
