import type { FieldDraft } from "../api/drafts.ts";
import { isNamed } from "../drain/account-fields.ts";
import type { AccountField, Warning } from "../drain/port.ts";
import { fitValue, textOf } from "../rules/field-values.ts";
import type { Leftover } from "../rules/lead-fields.ts";

/** What was told for fields, by the id or code of each. */
export type ToldValues = Readonly<Record<string, unknown>>;

/** Values as they go out, and what no field takes. */
export interface Drafted {
  fields: FieldDraft[];
  leftovers: Leftover[];
  warnings: Warning[];
}

/**
 * Values in the form that their fields take. Where the account does not tell its fields they go out as text, and what it
 * refuses goes into the note, as does what names no field of it. Null empties a field.
 */
export function draftFields(values: ToldValues, known: readonly AccountField[] | null): Drafted {
  const drafted: Drafted = { fields: [], leftovers: [], warnings: [] };
  for (const [key, value] of Object.entries(values)) {
    const field = known?.find((one) => isNamed(one, key));
    if (known !== null && field === undefined) {
      drafted.leftovers.push({ path: key, value });
      drafted.warnings.push({
        code: "field_unknown",
        message: `The account has no field ${key}; its value is in the note`,
      });
      continue;
    }
    const target = targetOf(key, field);
    const path = field?.name ?? key;
    if (isEmpty(value)) {
      drafted.fields.push({ target, path, values: [] });
      continue;
    }
    const fitted =
      field === undefined
        ? { values: [{ value: textOf(flat(value)) }], rest: null }
        : fitValue(field.type === "multiselect" ? value : flat(value), field);
    if (fitted.values.length > 0) drafted.fields.push({ target, path, values: fitted.values });
    if (fitted.values.length === 0 || fitted.rest !== null) {
      drafted.leftovers.push({ path, value: fitted.rest ?? value });
      drafted.warnings.push({
        code: "field_refused",
        message: `Field ${key} has the type ${field?.type} and does not take all of its value; the rest is in the note`,
      });
    }
  }
  return drafted;
}

function targetOf(key: string, field: AccountField | undefined): FieldDraft["target"] {
  if (field !== undefined) return { fieldId: field.id };
  return /^\d+$/.test(key) ? { fieldId: Number(key) } : { fieldCode: key };
}

function isEmpty(value: unknown): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** A list for a field that takes one value. */
function flat(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.length === 1 ? value[0] : value.map(String).join(", ");
}
