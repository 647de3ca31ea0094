import type { Collection, CustomField } from "../../amocrm/api.ts";
import { isFillable, LEAD_DATA_COLUMNS } from "../../amocrm/rules.ts";
import type { Catalog } from "../account/catalog.ts";
import { fieldOf, namedField } from "../account/verify.ts";
import type { FieldRow } from "../port.ts";
import type { DoctorFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";
import { nearest } from "./suggestions.ts";

const COLLECTIONS: Readonly<Record<FieldRow["entity"], Collection>> = { contact: "contacts", deal: "leads" };

/** What holds the lead's id must take text of any length up to 36 characters. */
const MARKER_TYPES: readonly string[] = ["text", "textarea"];

/** Whether the paths exist on our side, and whether deals carry a marker: told without asking amoCRM. */
export function checkPaths({ configuration: { fields }, marker_error: reason }: DoctorFacts): Finding[] {
  const findings = fields
    .filter(({ path }) => !isPath(path))
    .map(({ entity, path }) =>
      finding("field_path_unknown", {
        row: rowOf({ entity, path }),
        near: nearest(
          [path],
          LEAD_DATA_COLUMNS.map((column) => ({ shown: column, names: [column] })),
        ),
      }),
    );
  if (!fields.some(isMarker)) {
    findings.push(reason === null ? finding("marker_unset") : finding("marker_refused", { reason }));
  }
  return findings;
}

/** Whether every field that our table names exists in the account. */
export async function checkFields(facts: DoctorFacts, catalog: Catalog): Promise<Finding[]> {
  const { fields } = facts.configuration;
  const findings: Finding[] = [];
  for (const row of fields) {
    const asked = await catalog.fields(COLLECTIONS[row.entity]);
    // Said once: the account that does not answer for one field does not answer for the others.
    if (!asked.ok) return [...findings, finding("fields_unasked")];
    findings.push(...checkField(row, asked.value));
  }
  return findings;
}

function checkField(row: FieldRow, fields: readonly CustomField[]): Finding[] {
  const field = fieldOf(row, fields);
  if (field === undefined) {
    const hints = [row.path.replace(/^metadata\./, ""), row.field_code];
    const near = nearest(
      hints,
      fields.map((one) => ({ shown: namedField(one), names: [one.name, one.code] })),
    );
    return [finding("field_missing", { row: rowOf(row), field: row.field_id ?? row.field_code ?? "", near })];
  }
  if (isMarker(row))
    return MARKER_TYPES.includes(field.type)
      ? []
      : [finding("marker_type", { field: namedField(field), type: field.type })];
  return isFillable(field.type)
    ? []
    : [finding("field_unfillable", { row: rowOf(row), field: namedField(field), type: field.type })];
}

function isMarker({ entity, path }: Pick<FieldRow, "entity" | "path">): boolean {
  return entity === "deal" && path === "id";
}

function isPath(path: string): boolean {
  return (
    path === "id" || path.startsWith("metadata.") || (LEAD_DATA_COLUMNS as readonly string[]).includes(path)
  );
}

function rowOf({ entity, path }: Pick<FieldRow, "entity" | "path">): string {
  return `${entity}.${path}`;
}
