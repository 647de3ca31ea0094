import type { Collection } from "../../amocrm/api.ts";
import type { Catalog } from "../account/catalog.ts";
import { fieldCaution, fieldOf, fieldProblem, namedField } from "../account/verify.ts";
import type { Step } from "../answer.ts";
import type { AdminStore, Configured, FieldRow } from "../port.ts";
import { writeRow } from "./setup-row.ts";

/** amoCRM's word for what we call a deal is lead. */
const COLLECTIONS: Readonly<Record<FieldRow["entity"], Collection>> = { contact: "contacts", deal: "leads" };

/** Writes which custom field takes which value; the field must exist in the account. */
export async function mapFields(
  fields: readonly FieldRow[],
  configured: Configured,
  catalog: Catalog,
  store: AdminStore,
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const wanted of fields) {
    const asked = await catalog.fields(COLLECTIONS[wanted.entity]);
    const field = asked.ok ? fieldOf(wanted, asked.value) : undefined;
    steps.push(
      await writeRow<FieldRow>({
        step: `field ${wanted.entity}.${wanted.path}`,
        wanted,
        present: mappingOf(wanted, configured),
        problem: asked.ok ? fieldProblem(wanted, asked.value) : null,
        doubt: asked.ok ? null : asked.reason,
        caution: field === undefined ? null : fieldCaution(field),
        words: field === undefined ? `field ${wanted.field_id ?? wanted.field_code}` : namedField(field),
        save: (row) => store.saveField(row),
      }),
    );
  }
  return steps;
}

/** The mapping of an entity's path as it stands. */
export function mappingOf(
  { entity, path }: Pick<FieldRow, "entity" | "path">,
  configured: Configured,
): FieldRow | undefined {
  return configured.fields.find((row) => row.entity === entity && row.path === path);
}
