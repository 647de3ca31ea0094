import { describe, expect, it } from "vitest";
import { FIELD_TYPES } from "#dev/amocrm-simulator/account/models.ts";
import { fitValue, isFillable } from "#shared/amocrm/rules/field-values.ts";

const CHOICES = [
  { id: 501, value: "Стандарт" },
  { id: 502, value: "Премиум, с куратором" },
  { id: 503, value: "VIP" },
];
const fitted = (type: string, value: unknown) => fitValue(value, { type, choices: CHOICES });
const value = (type: string, given: unknown) => fitted(type, given).values[0]?.value ?? null;
const ids = (type: string, given: unknown) => fitted(type, given).values.map(({ enumId }) => enumId);
const at = (iso: string) => Date.parse(iso) / 1000;

describe("fitValue", () => {
  it.each([
    ["50 000 ₸", "50000"],
    ["50\u00a0000 руб.", "50000"],
    ["1500,50", "1500.50"],
    ["1.234,5", "1234.5"],
    ["$1,234.50", "1234.50"],
    ["1,234,567", "1234567"],
    ["-12", "-12"],
    [1500.5, "1500.5"],
    ["1,234", null],
    ["a lot", null],
    ["12-15", null],
    ["", null],
    [[1], null],
  ])("makes a number of %j", (given, expected) => {
    for (const type of ["numeric", "monetary", "price"]) expect(value(type, given)).toBe(expected);
    expect(fitted("numeric", given).rest).toEqual(expected === null ? given : null);
  });

  it.each([
    ["on", true],
    ["TRUE ", true],
    [1, true],
    ["Да", true],
    [true, true],
    ["off", false],
    ["нет", false],
    [false, false],
    ["maybe", null],
    [["on"], null],
  ])("makes a flag of %j", (given, expected) => {
    expect(value("checkbox", given)).toBe(expected);
  });

  it.each([
    ["date", "31.01.2026", at("2026-01-31T10:00:00Z")],
    ["birthday", "1/2/2006", at("2006-02-01T10:00:00Z")],
    ["date", "2026-01-31 18:30", at("2026-01-31T10:00:00Z")],
    ["date_time", "31.01.2026, 18:30", at("2026-01-31T18:30:00Z")],
    ["date_time", "2026-01-31T18:30:05", at("2026-01-31T18:30:05Z")],
    ["date_time", "2026-01-31T18:30:00+05:00", at("2026-01-31T13:30:00Z")],
    ["date_time", 1_700_000_000, 1_700_000_000],
    ["date", "31.02.2026", null],
    ["birthday", "31.12.1969", null],
    ["date", "soon", null],
    ["date_time", "2026-01-31T25:00", null],
  ])("makes a %s of %j", (type, given, expected) => {
    expect(value(type, given)).toBe(expected);
  });

  it.each([
    ["стандарт", [501]],
    ["  VIP ", [503]],
    ["Премиум,  с куратором", [502]],
    [["vip"], [503]],
    ["Стандарт, VIP", []],
    ["unknown", []],
    [{ a: 1 }, []],
  ])("chooses by %j in a list", (given, expected) => {
    for (const type of ["select", "radiobutton"]) expect(ids(type, given)).toEqual(expected);
    expect(fitted("select", given).rest).toEqual(expected.length === 0 ? given : null);
  });

  it.each([
    [["стандарт", "VIP", "vip"], [501, 503], null],
    ["Стандарт, VIP", [501, 503], null],
    ["Премиум, с куратором", [502], null],
    [["VIP", "Gold"], [503], ["Gold"]],
    [["Gold"], [], ["Gold"]],
    [[], [], []],
  ])("chooses several by %j, and leaves over what is no choice", (given, expected, rest) => {
    expect(ids("multiselect", given)).toEqual(expected);
    expect(fitted("multiselect", given).rest).toEqual(rest);
  });

  it("writes an address and a company as amoCRM has them, and text wherever text is taken", () => {
    expect(fitted("smart_address", "Абая 1").values).toEqual([
      { value: "Абая 1", enumCode: "address_line_1" },
    ]);
    expect(fitted("legal_entity", "ТОО Ада").values).toEqual([{ value: { name: "ТОО Ада" } }]);
    expect(value("url", "https://a.kz")).toBe("https://a.kz");
    expect(value("text", ["a", 1])).toBe('["a",1]');
    expect(value("a type of the future", 5)).toBe("5");
  });

  it.each(FIELD_TYPES.filter((type) => !isFillable(type)))("fills no %s", (type) => {
    expect(fitted(type, "x")).toEqual({ values: [], rest: "x" });
  });
});
