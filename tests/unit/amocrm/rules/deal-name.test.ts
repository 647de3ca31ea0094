import { describe, expect, it } from "vitest";
import { dealName, displayName } from "#shared/amocrm/rules/deal-name.ts";
import naughtyStrings from "../../../data/blns.json" with { type: "json" };

describe("dealName", () => {
  it.each<[string, Record<string, string | null>, string]>([
    ["{name} — {source}", { name: "Anna", source: "tripwire" }, "Anna — tripwire"],
    ["{name} — {source}", { name: "Anna", source: null }, "Anna"],
    ["{name} — {source}", { name: "", source: "tripwire" }, "tripwire"],
    ["{name} — {source} / {utm_campaign}", { name: "A", source: "", utm_campaign: "c" }, "A — c"],
    ["Заявка: {name}", { name: "Anna" }, "Заявка: Anna"],
    ["Заявка", {}, "Заявка"],
    ["{name} {nmae}", { name: "Anna" }, "Anna {nmae}"],
    ["{name}{source}", { name: "A", source: "B" }, "AB"],
    ["{Name}", { name: "Anna" }, "{Name}"],
    ["{constructor}", {}, "{constructor}"],
    ["{}", {}, "{}"],
  ])("fills %j with %j", (template, values, name) => {
    expect(dealName(template, values)).toBe(name);
  });

  it("inserts a value once, whatever it looks like", () => {
    expect(dealName("{name} — {source}", { name: "{source} $& $1", source: "x" })).toBe("{source} $& $1 — x");
  });

  it("cuts to 250 characters and halves none", () => {
    expect(dealName("{name}", { name: "x".repeat(300) })).toBe("x".repeat(250));
    expect(dealName("{name}", { name: "🙂".repeat(300) })).toBe("🙂".repeat(250));
  });
});

describe("displayName", () => {
  it("is every naughty string byte for byte, unless it is blank", () => {
    for (const text of naughtyStrings) {
      expect(displayName(text, "+79121112648", null)).toBe(text.trim() === "" ? "+79121112648" : text);
    }
  });

  it.each<[string | null, string | null, string | null, string]>([
    ["  Anna ", "+7", "a@b.test", "  Anna "],
    [" \u00a0\t", "+79121112648", "a@b.test", "+79121112648"],
    [null, "+79121112648", "a@b.test", "+79121112648"],
    [null, null, "a@b.test", "a@b.test"],
    ["", null, null, "Без имени"],
  ])("of %j, phone %j and e-mail %j is %j", (fullName, phone, email, name) => {
    expect(displayName(fullName, phone, email)).toBe(name);
  });
});
