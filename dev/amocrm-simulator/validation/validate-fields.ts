import type { EntityKind, Field, FieldValue } from "../account/models.ts";
import type { World } from "../account/world.ts";
import type { ItemReader } from "./item-reader.ts";
import { readFieldValue } from "./validate-field-value.ts";

/** New values by field id; null clears the field. */
export type FieldChanges = Map<number, FieldValue[] | null>;

const MULTI_VALUED = new Set<Field["type"]>(["multiselect", "multitext"]);

/**
 * Reads `custom_fields_values` of an item. Unknown fields and enums, wrong types and over-long texts are
 * reported on the item's reader under the path amoCRM names; undefined means the key was not sent.
 */
export function readFieldChanges(
  world: World,
  item: ItemReader,
  options: { kind: EntityKind; fieldsMax: number | null },
): FieldChanges | undefined {
  const key = "custom_fields_values";
  const entries = item.objects(key);
  if (entries === undefined) return undefined;
  if (entries.length === 0 && world.settings.writes.empty_custom_fields === "refuse")
    item.fail("NotBlank", key);
  if (options.fieldsMax !== null && entries.length > options.fieldsMax) item.fail("TooMany", key);

  const changes: FieldChanges = new Map();
  for (const entry of entries) {
    const field = readField(world, entry, options.kind);
    if (field === undefined) continue;
    const values = readValues(world, entry, field);
    if (values !== undefined) changes.set(field.id, values);
  }
  return changes;
}

function readField(world: World, entry: ItemReader, kind: EntityKind): Field | undefined {
  if (entry.raw("field_id") !== undefined && entry.raw("field_id") !== null) {
    const id = entry.choice("field_id", (value) => world.store.fieldById(kind, value) !== undefined);
    return id === undefined ? undefined : world.store.fieldById(kind, id);
  }
  const code = entry.text("field_code");
  if (code !== undefined)
    return world.store.fieldByCode(kind, code) ?? entry.fail("NotSupportedChoice", "field_code");
  if (!entry.has("field_code")) entry.fail("FieldMissing", "field_id");
  return undefined;
}

function readValues(world: World, entry: ItemReader, field: Field): FieldValue[] | null | undefined {
  if (entry.raw("values") === null) return null;
  const readers = entry.objects("values");
  if (readers === undefined) {
    if (!entry.has("values")) entry.fail("FieldMissing", "values");
    return undefined;
  }
  const values: FieldValue[] = [];
  for (const reader of readers) {
    const value = readFieldValue(world, reader, field);
    if (value !== undefined) values.push(value);
  }
  const kept = MULTI_VALUED.has(field.type) ? values : values.slice(0, 1);
  // An empty text clears the field: amoCRM keeps no empty values.
  const filled = kept.filter(({ value }) => value !== "");
  return filled.length === 0 ? null : filled;
}
