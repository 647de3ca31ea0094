import { findOrMakeMarker, MARKER } from "../../amocrm/drain.ts";
import { LEAD_DATA_COLUMNS } from "../../amocrm/rules.ts";
import type { Catalog } from "../account/catalog.ts";
import { fieldOf, namedField } from "../account/verify.ts";
import type { Step } from "../answer.ts";
import type { AdminPorts, AdminStore, Configured, FieldRow } from "../port.ts";
import { mappingOf } from "./fields.ts";

const MARKER_PATH = { entity: "deal", path: "id" } as const;

/** Finds or makes the marker field and maps the lead's id to it. A mapping that works is kept. */
export async function addMarker(configured: Configured, catalog: Catalog, ports: AdminPorts): Promise<Step> {
  const step = "marker";
  const asked = await catalog.fields("leads");
  if (!asked.ok) return { step, outcome: "warning", detail: `Not looked for: ${asked.reason}` };
  const present = mappingOf(MARKER_PATH, configured);
  const kept = present && fieldOf(present, asked.value);
  if (kept !== undefined) return { step, outcome: "unchanged", detail: `Deal field ${namedField(kept)}` };

  const outcome = await findOrMakeMarker(asked.value, {
    ask: ports.account.ask,
    fields: () => catalog.reloadFields("leads"),
  });
  if ("reason" in outcome) {
    const detail =
      outcome.kind === "refused"
        ? `The field could not be made: ${outcome.reason}. Make a deal field of type ${MARKER.type} by hand and name it with deal.id`
        : `It is not known whether the field was made (${outcome.reason}): run setup again`;
    return { step, outcome: "warning", detail };
  }
  const { field } = outcome;
  if (outcome.kind === "unfit") {
    const detail = `Deal field ${namedField(field)} has the type ${field.type} and cannot hold an id: give its code to a field of type ${MARKER.type}, or name another with deal.id`;
    return { step, outcome: "refused", detail };
  }
  await ports.store.saveField({ ...MARKER_PATH, field_id: field.id, field_code: null });
  const detail = `Deal field ${namedField(field)} was ${outcome.kind} and carries the lead's id`;
  return { step, outcome: "done", detail };
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
