import { expect, test } from "vitest";
import type { ItemFault } from "../../../supabase/functions/_shared/amocrm/verdict.ts";
import { type Creation, degrade } from "../../../supabase/functions/_shared/handlers/degrade.ts";

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
  const milder = degrade(
    creation,
    faulty("custom_fields_values.1.values.0.value", "custom_fields_values.2.field_id"),
  );
  expect(milder?.deal.fields?.map((field) => field.path)).toEqual(["id"]);
  expect(milder?.leftovers).toEqual(
    expect.arrayContaining([
      { path: "utm_source", value: "яндекс" },
      { path: "metadata.plan", value: "gold" },
    ]),
  );
  expect(milder?.warnings).toHaveLength(2);
});

test("an unknown responsible user is left out on the side that names it", () => {
  const milder = degrade(creation, faulty("responsible_user_id"));
  expect(milder?.deal).not.toHaveProperty("responsibleUserId");
  expect(milder?.warnings).toMatchObject([{ code: "responsible_user_refused" }]);
});

test("a refused contact name is cut, and stands whole in the note", () => {
  const milder = degrade(creation, faulty("_embedded.contacts.0.name"));
  expect(milder?.contact.name).toHaveLength(250);
  expect(milder?.leftovers).toEqual([{ path: "full_name", value: "x".repeat(300) }]);
});

test("several faults of one field leave it out once", () => {
  const milder = degrade(
    creation,
    faulty("custom_fields_values.1.values.0.value", "custom_fields_values.1.values.0.enum_id"),
  );
  expect(milder?.deal.fields).toHaveLength(2);
});

test.each(["status_id", "pipeline_id", "_embedded.contacts.0.id", "custom_fields_values.9.field_id"])(
  "a fault of %s cannot be degraded",
  (path) => {
    expect(degrade(creation, faulty(path))).toBeNull();
  },
);

test("a refusal that names nothing cannot be degraded", () => {
  expect(degrade(creation, faulty())).toBeNull();
});
