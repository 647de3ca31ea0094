import type { Field, FieldEnum, FieldValue } from "../account/models.ts";
import { storedText } from "../account/store-text.ts";
import type { World } from "../account/world.ts";
import type { ItemReader } from "./item-reader.ts";

/** Types whose text is limited (`writes.text_max_chars`); a textarea is not (amocrm-api 2.2). */
const SHORT_TEXT_TYPES = new Set<Field["type"]>([
  "text",
  "url",
  "streetaddress",
  "tracking_data",
  "multitext",
]);

const ADDRESS_PARTS = new Set(["address_line_1", "address_line_2", "city", "state", "zip", "country"]);

/** Reads one element of `values` as the field's type asks; faults go to the reader. */
export function readFieldValue(world: World, value: ItemReader, field: Field): FieldValue | undefined {
  switch (field.type) {
    case "numeric":
    case "monetary":
    case "price":
      return readNumber(value);
    case "checkbox":
      return readCheckbox(value);
    case "date":
    case "date_time":
    case "birthday":
      return readDate(value);
    case "select":
    case "radiobutton":
    case "multiselect":
      return readChoice(value, field);
    case "smart_address":
      return readAddressPart(world, value, field);
    case "legal_entity":
      return readObject(value, ["name"]);
    case "file":
      return readObject(value, ["file_uuid"]);
    case "linked_entity":
      return readObject(value, ["entity_id", "entity_type"]);
    case "chained_list":
    case "items":
    case "payer":
    case "supplier":
    case "category":
      return readObject(value, ["catalog_id", "catalog_element_id"]);
    case "multitext":
      return readMultitext(world, value, field);
    default:
      return readText(world, value, field);
  }
}

function readText(world: World, value: ItemReader, field: Field): FieldValue | undefined {
  const { long_text, text_max_chars } = world.settings.writes;
  if (!value.has("value")) return value.fail("FieldMissing", "value");
  const written = value.text("value");
  if (written === undefined) return value.raw("value") === null ? { value: "" } : undefined;
  const chars = [...written];
  if (!SHORT_TEXT_TYPES.has(field.type) || chars.length <= text_max_chars)
    return { value: storedText(world, written) };
  if (long_text === "refuse") return value.fail("TooLong", "value");
  return { value: storedText(world, chars.slice(0, text_max_chars).join("")) };
}

function readMultitext(world: World, value: ItemReader, field: Field): FieldValue | undefined {
  const written = readText(world, value, field);
  const isNamed = value.has("enum_id") || value.has("enum_code");
  const choice = isNamed ? readEnum(value, field) : field.enums?.[0];
  if (written === undefined || choice === undefined) return undefined;
  return { ...written, enum_id: choice.id, enum_code: choice.code ?? null };
}

function readChoice(value: ItemReader, field: Field): FieldValue | undefined {
  const choice = readEnum(value, field);
  return choice && { value: choice.value, enum_id: choice.id, enum_code: choice.code ?? null };
}

function readEnum(value: ItemReader, field: Field): FieldEnum | undefined {
  const enums = field.enums ?? [];
  if (value.raw("enum_id") !== undefined && value.raw("enum_id") !== null) {
    const id = value.choice("enum_id", (candidate) => enums.some((choice) => choice.id === candidate));
    return enums.find((choice) => choice.id === id);
  }
  const code = value.text("enum_code");
  if (code !== undefined) {
    return enums.find((choice) => choice.code === code) ?? value.fail("NotSupportedChoice", "enum_code");
  }
  if (!value.has("value")) return value.fail("FieldMissing", "value");
  const label = value.text("value");
  if (label === undefined) return undefined;
  return enums.find((choice) => choice.value === label) ?? value.fail("NotSupportedChoice", "value");
}

function readNumber(value: ItemReader): FieldValue | undefined {
  const written = value.raw("value");
  if (typeof written === "number" && Number.isFinite(written)) return { value: String(written) };
  if (typeof written === "string" && written.trim() !== "" && Number.isFinite(Number(written))) {
    return { value: written.trim() };
  }
  return value.fail("InvalidType", "value");
}

function readCheckbox(value: ItemReader): FieldValue | undefined {
  const written = value.boolean("value");
  if (written === undefined && value.raw("value") === undefined) return value.fail("FieldMissing", "value");
  return written === undefined ? undefined : { value: written };
}

/** Seconds or an RFC-3339 text; a date before 1970 is refused (amocrm-api 3.7 and 7, row 13). */
function readDate(value: ItemReader): FieldValue | undefined {
  const written = value.raw("value");
  let seconds: number | undefined;
  if (typeof written === "number" && Number.isSafeInteger(written)) seconds = written;
  if (typeof written === "string" && /^\d{4}-\d\d-\d\dT/.test(written)) {
    seconds = Math.floor(Date.parse(written) / 1000);
  }
  if (seconds === undefined || Number.isNaN(seconds)) return value.fail("InvalidType", "value");
  return seconds < 0 ? value.fail("InvalidValue", "value") : { value: seconds };
}

/** An address is written in parts, each under its code. */
function readAddressPart(world: World, value: ItemReader, field: Field): FieldValue | undefined {
  const code = value.text("enum_code");
  if (code === undefined) return value.fail("FieldMissing", "enum_code");
  if (!ADDRESS_PARTS.has(code)) return value.fail("NotSupportedChoice", "enum_code");
  const written = readText(world, value, field);
  return written && { ...written, enum_code: code };
}

/** A value that names something of the account. Nothing of it is checked but that its members are there. */
function readObject(value: ItemReader, members: readonly string[]): FieldValue | undefined {
  const object = value.object("value");
  if (object === undefined) return value.has("value") ? undefined : value.fail("FieldMissing", "value");
  for (const member of members) if (!object.has(member)) object.fail("FieldMissing", member);
  return { value: value.raw("value") as Record<string, unknown> };
}
