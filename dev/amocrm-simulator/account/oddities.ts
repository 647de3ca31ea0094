/** What is odd about a row: the member that is replaced (dots lead inwards, "" is the row itself), and by which JSON. */
export interface Oddity {
  member: string;
  json: string;
}

/** A kind of row that a list of the account holds, by its name under `_embedded`. */
export type OddKind = "contacts" | "leads" | "users" | "pipelines" | "custom_fields";

const LEVELS = 10_000;
const DEEP_LIST = "[".repeat(LEVELS) + "]".repeat(LEVELS);
const DEEP_OBJECT = `${'{"a":'.repeat(LEVELS)}1${"}".repeat(LEVELS)}`;
/** A regular expression that looks for zeros at the end would try at each of them. */
const ZEROS = `0.1${"0".repeat(100_000)}1`;
const LETTERS = JSON.stringify("я".repeat(100_000));

/** Texts that JSON can carry and a database, a terminal or a regular expression may stumble over. */
export const ODD_TEXTS: readonly string[] = [
  String.raw`"half a pair \ud83d"`,
  String.raw`"the other half \udc00 and more"`,
  String.raw`"nothing \u0000 inside"`,
  String.raw`"\u0000"`,
  String.raw`"escape \u001b[31m and mark \u202e"`,
  String.raw`"a line\nand another\u2028one"`,
  '""',
  '"   "',
  '"constructor"',
  // Times by their form, of which a database knows none.
  '"0000-01-01T00:00:00Z"',
  '"2026-01-31T00:00:00+23:59"',
  LETTERS,
];

/** Values that stand where something else is expected; PHP writes an empty object as `[]`. */
export const ODD_VALUES: readonly string[] = [
  "null",
  "true",
  "[]",
  "{}",
  "[null]",
  "[[]]",
  '["a"]',
  "[{}]",
  '{"0":{"id":1}}',
  '{"__proto__":{"id":1}}',
  '"12"',
  '"none"',
  "0",
  "-1",
  "0.5",
  "2147483648",
  "9007199254740993",
  "770712345678901234567",
  "1700000000000",
  "1700000000000000",
  "-1700000000000000",
  "1e308",
  "1e400",
  ZEROS,
  DEEP_LIST,
  DEEP_OBJECT,
];

const ENTITY_MEMBERS = [
  "id",
  "name",
  "created_at",
  "updated_at",
  "responsible_user_id",
  "is_deleted",
  "custom_fields_values",
  "custom_fields_values.0",
  "custom_fields_values.0.field_id",
  "custom_fields_values.0.field_code",
  "custom_fields_values.0.values",
  "custom_fields_values.0.values.0",
  "custom_fields_values.0.values.0.value",
  "_embedded",
  "_embedded.companies",
  "_embedded.tags",
  "_embedded.tags.0",
  "",
] as const;

/** The members that a client may read, by kind of row. */
export const ODD_MEMBERS: Readonly<Record<OddKind, readonly string[]>> = {
  contacts: [...ENTITY_MEMBERS, "_embedded.leads", "_embedded.leads.0"],
  leads: [
    ...ENTITY_MEMBERS,
    "price",
    "pipeline_id",
    "status_id",
    "closed_at",
    "_embedded.contacts",
    "_embedded.contacts.0",
    "_embedded.contacts.0.is_main",
  ],
  users: ["id", "name", "rights", "rights.is_active", ""],
  pipelines: [
    "id",
    "name",
    "sort",
    "is_main",
    "is_archive",
    "_embedded",
    "_embedded.statuses",
    "_embedded.statuses.0",
    "_embedded.statuses.0.id",
    "_embedded.statuses.0.name",
    "_embedded.statuses.0.sort",
    "_embedded.statuses.0.type",
    "",
  ],
  custom_fields: ["id", "name", "code", "type", "is_api_only", "enums", "enums.0", "enums.0.id", ""],
};

/** Every member of the kind with every odd text and value, in an order that mixes both: the first hundred hold some of all. */
export function odditiesOf(kind: OddKind): Oddity[] {
  const members = ODD_MEMBERS[kind];
  const values = [...ODD_TEXTS, ...ODD_VALUES];
  const count = members.length * values.length;
  // A stride that shares no divisor with the count visits each pair once.
  const stride = strideFor(count);
  return Array.from({ length: count }, (_, index) => {
    const place = (index * stride) % count;
    return {
      member: members[place % members.length] ?? "",
      json: values[Math.floor(place / members.length)] ?? "null",
    };
  });
}

function strideFor(count: number): number {
  let stride = Math.floor(count * 0.618);
  while (divisor(stride, count) !== 1) stride += 1;
  return stride;
}

function divisor(one: number, other: number): number {
  return other === 0 ? one : divisor(other, one % other);
}
