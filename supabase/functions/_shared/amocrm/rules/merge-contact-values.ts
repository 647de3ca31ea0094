import type { FieldDraft, FieldDraftValue } from "../api/drafts.ts";
import type { Field, FieldValue } from "../api/entities.ts";
import { holdsKey } from "./match-contact.ts";

/** The keys of a person, normalised; null where the person left none. */
export interface ContactKeys {
  email?: string | null | undefined;
  phone?: string | null | undefined;
}

/** More e-mails or phones than this on one card are no person's: whoever knows one of them could add to it without end. */
const MAX_VALUES = 10;

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
 * holds them already, and none that is to go, or has so many that none is added (`crowdedKeys`). A PATCH replaces all values of a field, so those that are there are written again as they are.
 */
export function mergeContactValues(
  fields: readonly Field[],
  keys: ContactKeys,
  takesOff: ContactKeys = {},
): FieldDraft[] | null {
  const drafts = KEY_FIELDS.flatMap(({ kind, fieldCode }): FieldDraft[] => {
    const value = keys[kind] ?? null;
    const all = valuesOf(fields, fieldCode);
    const gone = takesOff[kind] ?? null;
    const kept = all.filter(
      (entry) => gone === null || !holdsKey([fieldOf(fieldCode, entry)], { kind, value: gone }),
    );
    const isAdded = value !== null && !holdsKey(fields, { kind, value }) && kept.length < MAX_VALUES;
    if (!isAdded && kept.length === all.length) return [];
    const added: FieldDraftValue[] = isAdded ? [{ value, enumCode: NEW_VALUE_ENUM_CODE }] : [];
    return [{ target: { fieldCode }, path: kind, values: [...kept.map(asRead), ...added] }];
  });
  return drafts.length === 0 ? null : drafts;
}

/** Which of the keys the contact gets by `mergeContactValues`. */
export function addedKeys(fields: readonly Field[], keys: ContactKeys): ("email" | "phone")[] {
  const crowded = crowdedKeys(fields, keys);
  return KEY_FIELDS.flatMap(({ kind }) => {
    const value = keys[kind] ?? null;
    return value === null || holdsKey(fields, { kind, value }) || crowded.includes(kind) ? [] : [kind];
  });
}

/** The keys that a contact lacks and does not get, because it has too many of their kind. */
export function crowdedKeys(fields: readonly Field[], keys: ContactKeys): ("email" | "phone")[] {
  return KEY_FIELDS.flatMap(({ kind, fieldCode }) => {
    const value = keys[kind] ?? null;
    const isLacking = value !== null && !holdsKey(fields, { kind, value });
    return isLacking && valuesOf(fields, fieldCode).length >= MAX_VALUES ? [kind] : [];
  });
}

function valuesOf(fields: readonly Field[], fieldCode: string): FieldValue[] {
  return fields.filter((field) => field.fieldCode === fieldCode).flatMap((field) => field.values);
}

function fieldOf(fieldCode: string, value: FieldValue): Field {
  return { fieldId: null, fieldCode, fieldType: null, values: [value] };
}

function asRead({ value, enumCode, enumId }: FieldValue): FieldDraftValue {
  if (enumCode !== null) return { value, enumCode };
  return enumId === null ? { value } : { value, enumId };
}
