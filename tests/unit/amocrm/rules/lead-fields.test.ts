import { describe, expect, it } from "vitest";
import { type FieldMapping, flatten, mapLeadFields, valueAt } from "#shared/amocrm/rules/lead-fields.ts";

const LEAD = {
  id: "3f2a0000-0000-4000-8000-000000000001",
  full_name: "Anna",
  email: "ann@shop.test",
  created_at: "2026-11-21T00:00:00Z",
  source: "proftest",
  utm_source: "google",
  utm_medium: null,
  utm_campaign: "",
  metadata: {
    page: "https://landing.example/",
    referrer: "",
    agreed: true,
    proftest: { result: "инженер", score: 58, answers: [3, 1], note: null },
  },
};

function mapping(
  path: string,
  entity: "contact" | "deal" = "deal",
  field_id: number | null = 1,
): FieldMapping {
  return { entity, path, field_id, field_code: field_id === null ? "CODE" : null };
}

function paths(values: readonly { path?: string }[]): unknown[] {
  return values.map(({ path }) => path);
}

describe("mapLeadFields", () => {
  it("leaves all that is mapped nowhere for the note, without keys, blanks and times", () => {
    const { contact, deal, leftovers } = mapLeadFields(LEAD, []);
    expect([contact, deal]).toEqual([[], []]);
    expect(leftovers).toEqual([
      { path: "source", value: "proftest" },
      { path: "utm_source", value: "google" },
      { path: "metadata.page", value: "https://landing.example/" },
      { path: "metadata.agreed", value: true },
      { path: "metadata.proftest.result", value: "инженер" },
      { path: "metadata.proftest.score", value: 58 },
      { path: "metadata.proftest.answers", value: [3, 1] },
    ]);
  });

  it("puts mapped values into their fields, each only once", () => {
    const { contact, deal, leftovers } = mapLeadFields(LEAD, [
      mapping("utm_source"),
      mapping("metadata.proftest.result", "contact", null),
      mapping("id"),
    ]);
    expect(contact).toEqual([
      { target: { fieldCode: "CODE" }, path: "metadata.proftest.result", values: [{ value: "инженер" }] },
    ]);
    expect(deal).toEqual([
      { target: { fieldId: 1 }, path: "id", values: [{ value: LEAD.id }] },
      { target: { fieldId: 1 }, path: "utm_source", values: [{ value: "google" }] },
    ]);
    expect(paths(leftovers)).not.toContain("utm_source");
    expect(paths(leftovers)).not.toContain("metadata.proftest.result");
    expect(paths(leftovers)).toContain("metadata.proftest.score");
  });

  it.each<[string, string, unknown]>([
    ["a number as text, which numeric and text fields take", "metadata.proftest.score", "58"],
    ["a boolean as it is, for a checkbox", "metadata.agreed", true],
    ["a list as JSON", "metadata.proftest.answers", "[3,1]"],
    ["an object as JSON", "metadata.proftest", JSON.stringify(LEAD.metadata.proftest)],
  ])("writes %s", (_name, path, value) => {
    const { deal, leftovers } = mapLeadFields(LEAD, [mapping(path)]);
    expect(deal[0]?.values).toEqual([{ value }]);
    expect(paths(leftovers).filter((one) => String(one).startsWith(path))).toEqual([]);
  });

  it("writes strings byte for byte", () => {
    const hostile = "  \u202e{{x}}\n\t'\";--\u0000<script>🇷🇺 ";
    expect(mapLeadFields({ source: hostile }, [mapping("source")]).deal[0]?.values).toEqual([
      { value: hostile },
    ]);
    expect(mapLeadFields({ metadata: { a: hostile } }, []).leftovers).toEqual([
      { path: "metadata.a", value: hostile },
    ]);
  });

  it("leaves a value of white space for the note, since a field would refuse it", () => {
    const { deal, leftovers } = mapLeadFields({ source: " \u3000" }, [mapping("source")]);
    expect(deal).toEqual([]);
    expect(leftovers).toEqual([{ path: "source", value: " \u3000" }]);
  });

  it("writes no more than 40 values into an entity and leaves the others for the note", () => {
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, `v${index}`]));
    const mappings = Object.keys(metadata).map((key) => mapping(`metadata.${key}`, "contact"));
    const { contact, leftovers } = mapLeadFields({ id: "x", metadata }, mappings, { contact: 2 });
    expect(contact).toHaveLength(38);
    expect([...paths(contact), ...paths(leftovers)].sort()).toEqual(mappings.map(({ path }) => path).sort());
  });

  it("never lets the limit cut off the marker, and loses no column to it", () => {
    const mappings = [
      ...Array.from({ length: 40 }, () => mapping("source")),
      mapping("full_name"),
      mapping("id"),
    ];
    const { deal, leftovers } = mapLeadFields(LEAD, mappings);
    expect(deal).toHaveLength(40);
    expect(deal[0]?.path).toBe("id");
    expect(leftovers).toContainEqual({ path: "full_name", value: "Anna" });
    expect(paths(leftovers)).not.toContain("source");
  });
});

describe("valueAt", () => {
  const lead = { source: "x", metadata: { a: { b: 1 }, "a.b": 2, "c.d": { e: 3 }, nothing: null } };

  it.each([
    ["source", "x"],
    ["metadata", lead.metadata],
    ["metadata.a", { b: 1 }],
    ["metadata.a.b", 2],
    ["metadata.c.d.e", 3],
    ["metadata.nothing", null],
    ["metadata.absent", undefined],
    ["metadata.constructor", undefined],
    ["toString", undefined],
    ["metadata.a.b.c", undefined],
  ])("of %s is %j", (path, value) => {
    expect(valueAt(lead, path)).toEqual(value);
  });
});

it("flatten keeps what is nested too deeply as one value, whoever sent it", () => {
  let value: unknown = "bottom";
  for (let depth = 0; depth < 1_000; depth++) value = { a: value };
  const leaves = flatten({ path: "metadata", value });
  expect(leaves).toHaveLength(1);
  expect(leaves[0]?.path).toBe(`metadata${".a".repeat(10)}`);
});
