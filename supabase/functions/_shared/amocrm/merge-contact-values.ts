import type { FieldDraft, FieldDraftValue } from "./drafts.ts";
import type { Field, FieldValue } from "./entities.ts";
import { holdsKey } from "./match-contact.ts";

/** The keys of a person, normalised; null where the person left none. */
export interface ContactKeys {
  email?: string | null;
  phone?: string | null;
}

const KEY_FIELDS = [
  { kind: "email", fieldCode: "EMAIL" },
  { kind: "phone", fieldCode: "PHONE" },
] as const;

/** The kind under which we add values; each account has it for both fields (amocrm-api.md 3.7). */
const NEW_VALUE_ENUM_CODE = "WORK";

/** The e-mail and phone fields of a new contact. */
export function contactKeyFields(keys: ContactKeys): FieldDraft[] {
  return mergeContactValues([], keys) ?? [];
}

/**
 * The e-mail and phone fields to be written so that a contact, as read, also holds the keys given; null when it
 * holds them already. A PATCH replaces all values of a field, so those that are there are written again as they are.
 */
export function mergeContactValues(fields: readonly Field[], keys: ContactKeys): FieldDraft[] | null {
  const drafts = KEY_FIELDS.flatMap(({ kind, fieldCode }): FieldDraft[] => {
    const value = keys[kind] ?? null;
    if (value === null || holdsKey(fields, { kind, value })) return [];
    const kept = fields.filter((field) => field.fieldCode === fieldCode).flatMap((field) => field.values);
    const added: FieldDraftValue = { value, enumCode: NEW_VALUE_ENUM_CODE };
    return [{ target: { fieldCode }, path: kind, values: [...kept.map(asRead), added] }];
  });
  return drafts.length === 0 ? null : drafts;
}

function asRead({ value, enumCode, enumId }: FieldValue): FieldDraftValue {
  if (enumCode !== null) return { value, enumCode };
  return enumId === null ? { value } : { value, enumId };
}
