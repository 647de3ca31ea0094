import { describe, expect, it } from "vitest";
import { ODD_TEXTS, ODD_VALUES } from "#dev/amocrm-simulator/account/oddities.ts";
import { parseJson } from "#shared/platform/json.ts";

/** Where a value may stand. */
const places: readonly [string, (json: string) => string][] = [
  ["at the top", (json) => json],
  ["in a list", (json) => `[1, ${json}, 2]`],
  ["as a member", (json) => `{"a": {"b": ${json}}}`],
  ["after a text that looks like numbers", (json) => `{"1e400": "9007199254740993 \\"1e400", "a": ${json}}`],
];

describe("parseJson", () => {
  it.each(places)("reads every odd value %s into one that can be stored and sent on", (_place, around) => {
    for (const json of [...ODD_TEXTS, ...ODD_VALUES]) {
      const value = parseJson(around(json));
      const sent = JSON.stringify(value);
      expect(sent).not.toMatch(/\\u0000|\\ud[89a-f]/i);
      // What comes out is what a second reading would give: nothing is left to mend.
      expect(parseJson(sent)).toEqual(value);
    }
  });

  it("replaces NUL and half pairs in keys as well, and keeps whole pairs", () => {
    expect(parseJson(String.raw`{"a\u0000": "\ud83d\ude00 \ud83d", "\udc00": 1}`)).toEqual({
      "a\uFFFD": "😀 \uFFFD",
      "\uFFFD": 1,
    });
  });

  it("keeps a key named __proto__ as what it is, also beside an odd text", () => {
    const value = parseJson(String.raw`{"__proto__": {"id": 1}, "a": "\u0000"}`) as object;
    expect(Object.keys(value)).toEqual(["__proto__", "a"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it.each([
    ["9007199254740993", "9007199254740993"],
    ["770712345678901234567", "770712345678901234567"],
    ["-9007199254740993", "-9007199254740993"],
    ["1e400", "1e400"],
    ["1e-400", "1e-400"],
    ["0.1234567890123456789", "0.1234567890123456789"],
    ["9007199254740991", 9007199254740991],
    ["1700000000000000", 1700000000000000],
    ["1e21", 1e21],
    ["1.50e3", 1500],
    ["1000000000000000000000", 1e21],
    ["0.1", 0.1],
    ["0.10000000000000000000", 0.1],
    ["-0", -0],
    ["0e5", 0],
  ])("keeps every digit of %s", (json, value) => {
    expect(parseJson(`{"a": [${json}]}`)).toEqual({ a: [value] });
  });

  it("changes nothing within texts, whatever they look like", () => {
    const value = { a: '1e400 \\" 9007199254740993', '"9007199254740993': ["\\", "1e999\\"] };
    expect(parseJson(JSON.stringify(value))).toEqual(value);
  });

  it.each(["", "{", "1e", "nul", '{"a": 01}', "[1,]", '"\n"', "{1e400: 1}"])(
    "takes %j for no JSON",
    (text) => {
      expect(parseJson(text)).toBeUndefined();
    },
  );

  it("does not touch what needs nothing", () => {
    const row = { id: 1, name: "Анна 😀", values: [{ value: "a" }, null, 0.5, true] };
    expect(parseJson(JSON.stringify(row))).toEqual(row);
  });
});
