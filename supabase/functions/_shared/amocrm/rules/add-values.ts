import { normalizeEmail, normalizePhone } from "../../platform/contact-keys.ts";
import type { FieldDraft } from "../api/drafts.ts";
import type { Field } from "../api/entities.ts";
import { mergeContactValues } from "./merge-contact-values.ts";

/** E-mails and phones by the code of their field, as somebody typed them. */
export type TypedKeys = Readonly<Record<string, readonly string[]>>;

/** The e-mail and phone fields to be written so that a contact, as read, also holds what was typed; what it holds stays. */
export function addValues(fields: readonly Field[], typed: TypedKeys): FieldDraft[] {
  let current = fields;
  const written = new Map<string, FieldDraft>();
  for (const [code, values] of Object.entries(typed)) {
    for (const value of values) {
      const key = code === "EMAIL" ? { email: normalizeEmail(value) } : { phone: normalizePhone(value) };
      for (const draft of mergeContactValues(current, key) ?? []) {
        written.set(code, draft);
        current = [...current.filter(({ fieldCode }) => fieldCode !== code), asField(code, draft)];
      }
    }
  }
  return [...written.values()];
}

function asField(fieldCode: string, { values }: FieldDraft): Field {
  return {
    fieldId: null,
    fieldCode,
    fieldType: null,
    values: values.map(({ value, enumId = null, enumCode = null }) => ({ value, enumId, enumCode })),
  };
}
