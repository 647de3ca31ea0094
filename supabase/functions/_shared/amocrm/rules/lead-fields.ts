import type { FieldDraft } from "../api/drafts.ts";
import { type Fitted, fitValue, textOf } from "./field-values.ts";
import { FIELDS_PER_ENTITY_MAX } from "./limits.ts";

/** A row of ours by column name; `metadata` is an object. */
export type LeadRow = Readonly<Record<string, unknown>>;

/** A row of `amocrm_fields`: where a value of our row goes in amoCRM. */
export interface FieldMapping {
  entity: "contact" | "deal";
  path: string;
  field_id: number | null;
  field_code: string | null;
  /** What the field is, as far as that is known: then a value goes out in the form that it takes. */
  field_type?: string | null;
  choices?: readonly { id: number; value: string }[];
}

/** A value that has no field of its own and belongs into the note. */
export interface Leftover {
  path: string;
  value: unknown;
}

/** A lead's values by where they go. */
export interface LeadFields {
  contact: FieldDraft[];
  deal: FieldDraft[];
  leftovers: Leftover[];
  /** Values, or parts of one, that their field does not take; they are leftovers. */
  unfit: { path: string; target: FieldDraft["target"]; type: string }[];
}

/** How many field values the caller adds to each entity itself (e-mail, phone). */
export interface ReservedFields {
  contact?: number;
  deal?: number;
}

/** The columns that say something about the lead; the others are keys, times and amoCRM's ids. */
export const LEAD_DATA_COLUMNS = [
  "source",
  "utm_source",
  "utm_medium",
  "utm_campaign",
  "utm_content",
  "utm_term",
] as const;

const METADATA = "metadata";

/** The path of the field that carries our row's id. */
const MARKER = "id";

/** Objects nested deeper than this stay JSON: anybody may send metadata, and a path must stay readable. */
const FLATTEN_DEPTH_MAX = 10;

/**
 * Distributes a lead's values over the mapped fields of contact and deal. What is mapped nowhere, is blank but
 * not empty, does not fit its field, or is beyond amoCRM's limit of fields comes back as leftovers, so that nothing is lost.
 */
export function mapLeadFields(
  lead: LeadRow,
  mappings: readonly FieldMapping[],
  reserved: ReservedFields = {},
): LeadFields {
  const drafts: Pick<LeadFields, "contact" | "deal"> = { contact: [], deal: [] };
  const overflow = new Map<string, unknown>();
  const unfit: LeadFields["unfit"] = [];
  const mapped = new Set<string>();
  for (const mapping of markerFirst(mappings)) {
    const { entity, path } = mapping;
    const target = targetOf(mapping);
    const value = valueAt(lead, path);
    if (target === null || isBlank(value)) continue;
    const { values, rest } = fitted(value, mapping);
    if (values.length === 0 || rest !== null) unfit.push({ path, target, type: mapping.field_type ?? "" });
    if (values.length > 0 && drafts[entity].length + (reserved[entity] ?? 0) < FIELDS_PER_ENTITY_MAX) {
      drafts[entity].push({ target, path, values });
      if (rest === null) mapped.add(path);
      else overflow.set(path, rest);
    } else {
      overflow.set(path, value);
    }
  }
  const taken = new Set([...mapped, ...overflow.keys()]);
  const beyond = [...overflow]
    .filter(([path]) => !mapped.has(path))
    .map(([path, value]) => ({ path, value }));
  return { ...drafts, leftovers: [...unmapped(lead, taken), ...beyond], unfit };
}

/** The marker is what a deal is found again by, so it must not be what the limit of fields cuts off. */
function markerFirst(mappings: readonly FieldMapping[]): FieldMapping[] {
  return [...mappings].sort((a, b) => Number(b.path === MARKER) - Number(a.path === MARKER));
}

/** The value at a column or at `metadata.a.b`; undefined when there is none. A key may itself hold dots. */
export function valueAt(lead: LeadRow, path: string): unknown {
  if (!path.startsWith(`${METADATA}.`)) return own(lead, path);
  return descend(own(lead, METADATA), path.slice(METADATA.length + 1));
}

function descend(value: unknown, path: string): unknown {
  if (path === "") return value;
  if (!isObject(value)) return undefined;
  const whole = own(value, path);
  if (whole !== undefined) return whole;
  // The longest key first, as `a.b` may be one key or two.
  for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
    const found = descend(own(value, path.slice(0, dot)), path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What amoCRM would refuse as blank. */
function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}

function fitted(value: unknown, { path, field_type, choices = [] }: FieldMapping): Fitted {
  // The marker is looked for as it was sent.
  return field_type === null || field_type === undefined || path === MARKER
    ? { values: [{ value: textOf(value) }], rest: null }
    : fitValue(value, { type: field_type, choices });
}

function targetOf({ field_id, field_code }: FieldMapping): FieldDraft["target"] | null {
  if (field_id !== null) return { fieldId: field_id };
  return field_code === null ? null : { fieldCode: field_code };
}

function unmapped(lead: LeadRow, taken: ReadonlySet<string>): Leftover[] {
  const columns = LEAD_DATA_COLUMNS.map((path) => ({ path, value: lead[path] }));
  return [...columns, { path: METADATA, value: lead[METADATA] }].flatMap((one) => flatten(one, taken));
}

/**
 * Splits an object into its values by path, without the empty ones and those under a path that is taken. A list
 * stays one value, since its items mean nothing by themselves.
 */
export function flatten(leftover: Leftover, taken: ReadonlySet<string> = new Set()): Leftover[] {
  return flattenTo(FLATTEN_DEPTH_MAX, leftover, taken);
}

function flattenTo(depth: number, { path, value }: Leftover, taken: ReadonlySet<string>): Leftover[] {
  if (taken.has(path) || isEmpty(value)) return [];
  if (depth === 0 || !isObject(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) =>
    flattenTo(depth - 1, { path: `${path}.${key}`, value: inner }, taken),
  );
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Own properties only: a metadata key may be named `constructor`. */
function own(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
