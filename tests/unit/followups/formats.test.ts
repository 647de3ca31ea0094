import { describe, expect, it } from "vitest";
import { fillText } from "#shared/followups/rules/fill-text.ts";
import { formatCount, formatDate, formatMoney } from "#shared/followups/rules/formats.ts";

const SPACE = "\u{a0}";
const LANGUAGES = ["ru", "kk", "en"] as const;

describe("money", () => {
  it.each([
    [12500, "KZT", "ru", `12${SPACE}500${SPACE}₸`],
    [12500, "KZT", "kk", `12${SPACE}500${SPACE}₸`],
    [12500, "KZT", "en", `12,500${SPACE}₸`],
    ["1 234 567", "RUB", "ru", `1${SPACE}234${SPACE}567${SPACE}₽`],
    [99.5, "EUR", "ru", `99,50${SPACE}€`],
    [99.5, "EUR", "en", `99.50${SPACE}€`],
    [-10, "GEL", "ru", `−10${SPACE}GEL`],
    ["soon", "KZT", "ru", null],
    [null, "KZT", "ru", null],
  ] as const)("%j %s in %s", (value, currency, language, expected) => {
    expect(formatMoney(value, currency, language)).toBe(expected);
  });
});

describe("a date", () => {
  it.each([
    ["2026-05-05", "ru", "5 мая 2026 г."],
    ["2026-05-05", "kk", "2026 ж. 5 мамыр"],
    ["2026-05-05", "en", "5 May 2026"],
    // Eight in the evening in London is the next day in Almaty.
    ["2026-12-31T20:00:00Z", "ru", "1 января 2027 г."],
    ["2026-02-30", "ru", null],
    ["tomorrow", "ru", null],
    [5, "ru", null],
  ] as const)("%j in %s", (value, language, expected) => {
    expect(formatDate(value, "Asia/Almaty", language)).toBe(expected);
  });

  it("is in Kazakh letters in every month: the runtime's fallback to English does not show", () => {
    for (let month = 1; month <= 12; month += 1) {
      const kk = formatDate(`2026-${String(month).padStart(2, "0")}-05`, "Asia/Almaty", "kk") ?? "";
      expect(kk).toMatch(/^2026 ж\. 5 [а-яәғқңөұүһі]+$/);
      expect(kk).not.toBe(formatDate(`2026-${String(month).padStart(2, "0")}-05`, "Asia/Almaty", "ru"));
    }
  });
});

describe("a count", () => {
  it.each([
    [1, "1 день"],
    [2, "2 дня"],
    [5, "5 дней"],
    [11, "11 дней"],
    [14, "14 дней"],
    [21, "21 день"],
    [112, "112 дней"],
    [0, "0 дней"],
  ])("%i in Russian", (count, expected) => {
    expect(formatCount(count, ["день", "дня", "дней"], "ru")?.replace(SPACE, " ")).toBe(expected);
  });

  it("has one form in Kazakh and two in English", () => {
    expect([1, 2, 5].map((count) => formatCount(count, ["күн"], "kk"))).toEqual(
      ["1", "2", "5"].map((one) => `${one}${SPACE}күн`),
    );
    expect([1, 2].map((count) => formatCount(count, ["day", "days"], "en"))).toEqual([
      `1${SPACE}day`,
      `2${SPACE}days`,
    ]);
    expect(formatCount("many", ["day", "days"], "en")).toBe(null);
  });
});

describe("a text", () => {
  const filling = { name: null, metadata: {}, links: {}, language: "ru", zone: "Asia/Almaty" } as const;

  it("greets by the name, and without one leaves no hole", () => {
    expect(fillText("Здравствуйте, {name}!", { ...filling, name: "Әсел" })).toBe("Здравствуйте, Әсел!");
    expect(fillText("Здравствуйте, {name}!", filling)).toBe("Здравствуйте!");
  });

  it("fills links and values, whatever is missing, and takes nothing of what is typed for a placeholder", () => {
    const metadata = { a: { b: "x {link:course} y" }, list: [1], price: 100, days: 3 };
    const text = fillText(
      "{link:course} {metadata.a.b} [{metadata.no.such}{metadata.list}] {metadata.days|plural:день,дня,дней}",
      {
        ...filling,
        metadata,
        links: { course: "https://go.example/abc" },
      },
    );
    expect(text).toBe(`https://go.example/abc x {link:course} y [] 3${SPACE}дня`);
    expect(fillText("{metadata.constructor.name}{metadata.__proto__}", filling)).toBe("");
  });

  it.each(LANGUAGES)("keeps what a format cannot read as it was typed, in %s", (language) => {
    const metadata = { price: "по запросу" };
    expect(fillText("{metadata.price|money:KZT}", { ...filling, metadata, language })).toBe("по запросу");
  });
});
