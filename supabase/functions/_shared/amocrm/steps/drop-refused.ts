import { cut } from "../../platform/cut.ts";
import type { ContactDraft, DealDraft, FieldDraft } from "../api/drafts.ts";
import type { ItemFault } from "../api/verdict.ts";
import type { Warning } from "../drain/port.ts";
import type { LeadFields, Leftover } from "../rules/lead-fields.ts";

/** Names longer than this are cut when amoCRM refuses them; the whole name then stands in the note. */
const SAFE_NAME_LENGTH = 250;

/** What is about to be created, and what of it had to be left out so far. */
export interface Creation {
  deal: DealDraft;
  contact: ContactDraft;
  leftovers: Leftover[];
  warnings: Warning[];
}

/**
 * Faults of content must not keep a lead out of the CRM (rule 6): the refused field, name or responsible user is left
 * out, its value goes into the note. Null when a fault is of another kind, such as a wrong pipeline or stage.
 */
export function dropRefused(creation: Creation, item: ItemFault): Creation | null {
  let current: Creation | null = creation;
  // From the back, so that leaving one field out does not move the index that the next fault names.
  const faults = [...item.faults].sort((a, b) => b.path.localeCompare(a.path, "en", { numeric: true }));
  const seen = new Set<string>();
  for (const fault of faults) {
    const place = placeOf(fault.path);
    if (place === null || current === null) return null;
    if (seen.has(place.key)) continue;
    seen.add(place.key);
    current = place.apply(current, fault.code);
  }
  return current === creation ? null : current;
}

interface Place {
  key: string;
  apply(creation: Creation, code: string): Creation | null;
}

function placeOf(path: string): Place | null {
  const match =
    /^(_embedded\.contacts\.0\.)?(custom_fields_values\.(\d+)|responsible_user_id|name)(\.|$)/.exec(path);
  if (match === null) return null;
  const side = match[1] === undefined ? "deal" : "contact";
  if (match[3] !== undefined) {
    const index = Number(match[3]);
    return { key: `${side}.${index}`, apply: (creation, code) => withoutField(creation, side, index, code) };
  }
  const column = match[2] === "name" ? "name" : "responsibleUserId";
  return { key: `${side}.${column}`, apply: (creation, code) => without(creation, side, column, code) };
}

function withoutField(
  creation: Creation,
  side: "deal" | "contact",
  index: number,
  code: string,
): Creation | null {
  const fields = creation[side].fields ?? [];
  const field = fields[index];
  if (field === undefined) return null;
  const path = field.path ?? nameOfTarget(field);
  return {
    ...creation,
    [side]: { ...creation[side], fields: fields.filter((other) => other !== field) },
    leftovers: [
      ...creation.leftovers,
      ...field.values.map((one) => ({ path, value: one.value ?? one.enumId })),
    ],
    warnings: [
      ...creation.warnings,
      {
        code: "field_refused",
        message: `amoCRM refused ${nameOfTarget(field)} for ${path} (${code}); the value is in the note`,
      },
    ],
  };
}

function without(
  creation: Creation,
  side: "deal" | "contact",
  column: "name" | "responsibleUserId",
  code: string,
): Creation {
  const draft = creation[side];
  if (column === "responsibleUserId") {
    const { responsibleUserId: _left, ...rest } = draft;
    return {
      ...creation,
      [side]: rest,
      warnings: [
        ...creation.warnings,
        {
          code: "responsible_user_refused",
          message: `amoCRM does not know the route's responsible user for the ${side} (${code})`,
        },
      ],
    };
  }
  return {
    ...creation,
    [side]: { ...draft, name: cut(draft.name ?? "", SAFE_NAME_LENGTH) },
    leftovers: [...creation.leftovers, { path: "full_name", value: draft.name }],
    warnings: [
      ...creation.warnings,
      {
        code: "name_shortened",
        message: `amoCRM refused the ${side}'s name (${code}); it was cut and is whole in the note`,
      },
    ],
  };
}

/** For a value that is not even tried: its field is of a type that does not take it. */
export function unfitWarning({ path, target, type }: LeadFields["unfit"][number]): Warning {
  return {
    code: "field_refused",
    message: `${nameOfTarget({ target })} has the type ${type} and does not take all of ${path}; the rest is in the note`,
  };
}

function nameOfTarget({ target }: Pick<FieldDraft, "target">): string {
  return "fieldId" in target ? `field ${target.fieldId}` : `field ${target.fieldCode}`;
}
