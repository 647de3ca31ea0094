import { expect, test } from "vitest";
import type { ItemFault } from "#shared/amocrm/api/verdict.ts";
import { type Creation, dropRefused } from "#shared/amocrm/steps/drop-refused.ts";

const creation: Creation = {
  deal: {
    name: "Deal",
    responsibleUserId: 5,
    fields: [
      { target: { fieldId: 1 }, path: "id", values: [{ value: "a" }] },
      { target: { fieldId: 2 }, path: "utm_source", values: [{ value: "яндекс" }] },
      { target: { fieldId: 3 }, path: "metadata.plan", values: [{ value: "gold" }] },
    ],
  },
  contact: {
    name: "x".repeat(300),
    fields: [{ target: { fieldCode: "EMAIL" }, values: [{ value: "a@b.example" }] }],
  },
  leftovers: [],
  warnings: [],
};
const faulty = (...paths: string[]): ItemFault => ({
  requestId: "m-1",
  faults: paths.map((path) => ({ path, code: "NotSupportedChoice" })),
});

test("two refused fields are left out by the index they had, and their values go into the note", () => {
  const reduced = dropRefused(
    creation,
    faulty("custom_fields_values.1.values.0.value", "custom_fields_values.2.field_id"),
  );
  expect(reduced?.deal.fields?.map((field) => field.path)).toEqual(["id"]);
  expect(reduced?.leftovers).toEqual(
    expect.arrayContaining([
      { path: "utm_source", value: "яндекс" },
      { path: "metadata.plan", value: "gold" },
    ]),
  );
  expect(reduced?.warnings).toHaveLength(2);
});

test("an unknown responsible user is left out on the side that names it", () => {
  const reduced = dropRefused(creation, faulty("responsible_user_id"));
  expect(reduced?.deal).not.toHaveProperty("responsibleUserId");
  expect(reduced?.warnings).toMatchObject([{ code: "responsible_user_refused" }]);
});

test("a name is cut between characters: half an emoji is no text that a database stores", () => {
  const name = `${"я".repeat(249)}🙂${"я".repeat(100)}`;
  const reduced = dropRefused({ ...creation, contact: { name } }, faulty("_embedded.contacts.0.name"));
  expect(reduced?.contact.name).toBe(`${"я".repeat(249)}🙂`);
});

test("a refused contact name is cut, and stands whole in the note", () => {
  const reduced = dropRefused(creation, faulty("_embedded.contacts.0.name"));
  expect(reduced?.contact.name).toHaveLength(250);
  expect(reduced?.leftovers).toEqual([{ path: "full_name", value: "x".repeat(300) }]);
});

test("several faults of one field leave it out once", () => {
  const reduced = dropRefused(
    creation,
    faulty("custom_fields_values.1.values.0.value", "custom_fields_values.1.values.0.enum_id"),
  );
  expect(reduced?.deal.fields).toHaveLength(2);
});

test.each(["status_id", "pipeline_id", "_embedded.contacts.0.id", "custom_fields_values.9.field_id"])(
  "a fault of %s cannot be reduced",
  (path) => {
    expect(dropRefused(creation, faulty(path))).toBeNull();
  },
);

test("a refusal that names nothing cannot be reduced", () => {
  expect(dropRefused(creation, faulty())).toBeNull();
});
