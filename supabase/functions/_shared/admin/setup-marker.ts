import type { CustomField } from "../amocrm/entities.ts";
import { LEAD_DATA_COLUMNS } from "../amocrm/lead-fields.ts";
import type { Step } from "./answer.ts";
import type { Catalog } from "./catalog.ts";
import type { AdminPorts, AdminStore, Configured, FieldRow } from "./port.ts";
import { mappingOf } from "./setup-fields.ts";
import { fieldOf, namedField } from "./verify.ts";

/** The deal field that carries our lead's id, so that a deal whose answer was lost is found again. */
const MARKER = { code: "SUPABASE_LEAD_ID", name: "Supabase lead id", type: "text" } as const;
const MARKER_PATH = { entity: "deal", path: "id" } as const;

/** Finds or makes the marker field and maps the lead's id to it. A mapping that works is kept. */
export async function addMarker(configured: Configured, catalog: Catalog, ports: AdminPorts): Promise<Step> {
  const step = "marker";
  const asked = await catalog.fields("leads");
  if (!asked.ok) return { step, outcome: "warning", detail: `Not looked for: ${asked.reason}` };
  const present = mappingOf(MARKER_PATH, configured);
  const kept = present && fieldOf(present, asked.value);
  if (kept !== undefined) return { step, outcome: "unchanged", detail: `Deal field ${namedField(kept)}` };

  const found = markerIn(asked.value);
  const made = found === undefined ? await makeMarker(catalog, ports) : { field: found };
  if ("reason" in made) return { step, outcome: "warning", detail: made.reason };
  const { field } = made;
  if (field.type !== MARKER.type) {
    const detail = `Deal field ${namedField(field)} has the type ${field.type} and cannot hold an id: give its code to a field of type ${MARKER.type}, or name another with deal.id`;
    return { step, outcome: "refused", detail };
  }
  await ports.store.saveField({ ...MARKER_PATH, field_id: field.id, field_code: null });
  const detail = `Deal field ${namedField(field)} ${found === undefined ? "was made" : "was found"} and carries the lead's id`;
  return { step, outcome: "done", detail };
}

/**
 * Makes the field and looks for it again whatever the answer was: one that was lost may have made it, and one that
 * refuses may do so because another setup was quicker. Making it blindly once more would make a second one.
 */
async function makeMarker(
  catalog: Catalog,
  { account }: AdminPorts,
): Promise<{ field: CustomField } | { reason: string }> {
  const making = await account.ask((client) =>
    client.createCustomFields("leads", [{ requestId: "marker", ...MARKER, isApiOnly: true }]),
  );
  const asked = await catalog.reloadFields("leads");
  const field = asked.ok ? markerIn(asked.value) : undefined;
  if (field !== undefined) return { field };
  if (!making.ok && making.failed?.verdict !== "uncertain") {
    return {
      reason: `The field could not be made: ${making.reason}. Make a deal field of type ${MARKER.type} by hand and name it with deal.id`,
    };
  }
  const why = asked.ok ? "amoCRM does not list it" : asked.reason;
  return { reason: `It is not known whether the field was made (${why}): run setup again` };
}

function markerIn(fields: readonly CustomField[]): CustomField | undefined {
  return fields.find(({ code }) => code === MARKER.code);
}

/** Maps each utm column that is not mapped yet to the account's deal field of that code. Makes no field. */
export async function mapUtm(
  isFree: (path: string) => boolean,
  configured: Configured,
  catalog: Catalog,
  store: AdminStore,
): Promise<Step> {
  const step = "utm";
  const asked = await catalog.fields("leads");
  if (!asked.ok) return { step, outcome: "warning", detail: `Not mapped: ${asked.reason}` };
  const mapped: string[] = [];
  const missing: string[] = [];
  let keptCount = 0;
  for (const path of LEAD_DATA_COLUMNS.filter((column) => column.startsWith("utm_") && isFree(column))) {
    const wanted: FieldRow = { entity: "deal", path, field_id: null, field_code: path.toUpperCase() };
    const present = mappingOf(wanted, configured);
    if (present !== undefined && fieldOf(present, asked.value) !== undefined) {
      keptCount += 1;
    } else if (fieldOf(wanted, asked.value) === undefined) {
      missing.push(path.toUpperCase());
    } else {
      await store.saveField(wanted);
      mapped.push(path);
    }
  }
  const words = [
    ...(mapped.length > 0 ? [`mapped ${mapped.join(", ")}`] : []),
    ...(keptCount > 0 ? [`${keptCount} mapped already`] : []),
    ...(missing.length > 0
      ? [`no deal field has the code ${missing.join(", ")}: those values go into the note`]
      : []),
  ];
  const outcome = mapped.length > 0 ? "done" : missing.length > 0 ? "warning" : "unchanged";
  return { step, outcome, detail: words.join("; ") };
}
