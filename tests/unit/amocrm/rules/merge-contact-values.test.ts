import { expect, it } from "vitest";
import { contactKeyFields, mergeContactValues } from "#shared/amocrm/rules/merge-contact-values.ts";
import { field } from "../support/entities.ts";

it("mergeContactValues is null when the contact holds the keys already, in any spelling", () => {
  const fields = [field("EMAIL", "Ann@shop.test"), field("PHONE", "8 912 111 26 48")];
  expect(mergeContactValues(fields, { email: "ann@shop.test", phone: "+79121112648" })).toBeNull();
});

it("mergeContactValues is null when the person left neither", () => {
  expect(mergeContactValues([field("EMAIL", "ann@shop.test")], { email: null })).toBeNull();
});

it("mergeContactValues writes the old values again as they are, before the new one", () => {
  const phone = {
    fieldId: 301,
    fieldCode: "PHONE",
    fieldType: "multitext",
    values: [
      { value: "8 (900) 000-00-01", enumId: 41, enumCode: "MOB" },
      { value: "old", enumId: 42, enumCode: null },
      { value: "bare", enumId: null, enumCode: null },
    ],
  };
  expect(mergeContactValues([field("EMAIL", "ann@shop.test"), phone], { phone: "+79121112648" })).toEqual([
    {
      target: { fieldCode: "PHONE" },
      path: "phone",
      values: [
        { value: "8 (900) 000-00-01", enumCode: "MOB" },
        { value: "old", enumId: 42 },
        { value: "bare" },
        { value: "+79121112648", enumCode: "WORK" },
      ],
    },
  ]);
});

it("contactKeyFields writes what the person left", () => {
  expect(contactKeyFields({ email: "ann@shop.test", phone: null })).toEqual([
    { target: { fieldCode: "EMAIL" }, path: "email", values: [{ value: "ann@shop.test", enumCode: "WORK" }] },
  ]);
  expect(contactKeyFields({})).toEqual([]);
});
