import type { CustomField } from "../api/entities.ts";
import type { Failed } from "../api/verdict.ts";
import type { Message } from "../message.ts";
import { type FieldTypePorts, readFields } from "./field-types.ts";
import type { AccountField, FieldEntity } from "./port.ts";

/** So long a list is believed; a field that it does not have may be new, and is asked for after minutes. */
const MAX_AGE_MS = 24 * 60 * 60_000;
const MAX_DOUBT_MS = 10 * 60_000;

/** The account's fields by what they are of; null where the account does not tell, or nobody needs them. */
export type AccountFields = Readonly<Record<FieldEntity, readonly AccountField[] | null>>;

const ENTITY_OF_KIND: Readonly<Record<string, FieldEntity>> = {
  "deal.fields": "deal",
  "contact.fields": "contact",
};

/** The fields that the values of these messages are for: from the database, or read once. A failure only if the account is in the way. */
export async function fieldsFor(
  messages: readonly Message[],
  ports: FieldTypePorts,
): Promise<{ fields: AccountFields; stopped: Failed | null }> {
  const fields: Record<FieldEntity, readonly AccountField[] | null> = { contact: null, deal: null };
  for (const entity of ["contact", "deal"] as const) {
    const keys = keysOf(messages, entity);
    if (keys.length === 0) continue;
    const stored = await ports.outbox.customFields(entity);
    const isKnown = (key: string) => stored?.fields.some((field) => isNamed(field, key)) === true;
    if (stored !== null && stored.ageMs < (keys.every(isKnown) ? MAX_AGE_MS : MAX_DOUBT_MS)) {
      fields[entity] = stored.fields;
      continue;
    }
    const { read, stopped } = await readFields(entity, ports);
    if (stopped !== null) return { fields, stopped };
    if (read !== null) await ports.outbox.storeCustomFields(ports.token, entity, read);
    fields[entity] = read?.map(accountField) ?? stored?.fields ?? null;
  }
  return { fields, stopped: null };
}

/** Whether a key, the id or the code of a field, names this one. */
export function isNamed({ id, code }: AccountField, key: string): boolean {
  return String(id) === key || (code !== null && code.toLowerCase() === key.toLowerCase());
}

/** A field as it is kept. */
export function accountField({ id, name, code, type, enums }: CustomField): AccountField {
  return { id, name, code, type, choices: enums.map((one) => ({ id: one.id, value: one.value })) };
}

function keysOf(messages: readonly Message[], entity: FieldEntity): string[] {
  return messages
    .filter(({ kind }) => ENTITY_OF_KIND[kind] === entity)
    .flatMap(({ payload }) => Object.keys(Object(payload["values"])));
}
