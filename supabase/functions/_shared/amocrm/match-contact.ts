import { type ContactKey, normalizeEmail, normalizePhone } from "./contact-keys.ts";
import type { Contact, Field } from "./entities.ts";

/** `+7…` and `8…` are different strings to amoCRM's search, so a phone is searched by these (amocrm-api.md 6). */
const PHONE_SEARCH_DIGITS = 10;

/** The contact that a key belongs to, and those that hold the same key besides. */
export interface ContactMatch {
  chosen: Contact | null;
  others: Contact[];
}

/** What to search amoCRM for; hits must then be verified by `matchContact`. */
export function searchQuery({ kind, value }: ContactKey): string {
  return kind === "email" ? value : value.replace(/\D/g, "").slice(-PHONE_SEARCH_DIGITS);
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

/** Whether a contact's fields hold the key, whatever spelling they keep it in. */
export function holdsKey(fields: readonly Field[], { kind, value }: ContactKey): boolean {
  const normalize = kind === "email" ? normalizeEmail : normalizePhone;
  const fieldCode = kind === "email" ? "EMAIL" : "PHONE";
  // The key is normalised here as well, so that it need not come from the same version of the rule.
  const wanted = normalize(value) ?? value;
  return fields
    .filter((field) => field.fieldCode === fieldCode)
    .flatMap((field) => field.values)
    .some((entry) => normalize(String(entry.value ?? "")) === wanted);
}
