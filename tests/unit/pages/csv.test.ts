import { expect, test } from "vitest";
import { csvOf } from "#pages/dashboard/csv.ts";
import { comparedOf, lengthOf, periodOf, plusDays } from "#pages/dashboard/period.ts";

test.each([
  ["=1+1", "'=1+1"],
  ["+7", "'+7"],
  ["-2", "'-2"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  ["\r=1", "'\r=1"],
  ["\tplain", "'\tplain"],
  [" =1", "' =1"],
  ["＝1", "'＝1"],
  // Where the program parts cells at another sign, or at a quotation mark, a later part would begin one.
  ["x;=1", "x;'=1"],
  ["x,@y", "x,'@y"],
  ["x\n-y", "x\n'-y"],
  ["spring-sale + more", "spring-sale + more"],
  ["Астана", "Астана"],
])("%j becomes harmless as %j", (text, harmless) => {
  expect(csvOf([[text]], ",")).toBe(`\uFEFF"${harmless}"\r\n`);
});

test("quotes are doubled, numbers stay numbers, nothing stays nothing", () => {
  expect(
    csvOf(
      [
        ["a", "b"],
        ['say "hi"', -5],
        [null, 0.5],
      ],
      ";",
    ),
  ).toBe('\uFEFF"a";"b"\r\n"say ""hi""";-5\r\n;0.5\r\n');
  expect(csvOf([['"=1']], ",")).toBe('\uFEFF"""\'=1"\r\n');
});

test("a period is what the address says, and thirty days where that makes no sense", () => {
  expect(periodOf({ from: "2026-02-27", until: "2026-03-02" }, "2026-05-31")).toEqual({
    from: "2026-02-27",
    until: "2026-03-02",
  });
  expect(lengthOf({ from: "2026-02-27", until: "2026-03-02" })).toBe(4);
  const usual = { from: "2026-05-02", until: "2026-05-31" };
  for (const filter of [
    {},
    { from: "soon" },
    { from: "2026-06-01" },
    { from: "1999-01-01" },
    { from: "2026-13-01" },
  ] as Record<string, string>[])
    expect(periodOf(filter, "2026-05-31"), JSON.stringify(filter)).toEqual(usual);
});

test("it is compared with as many days before it, a year before, or from a day of one's own", () => {
  const period = { from: "2026-05-01", until: "2026-05-31" };
  expect(comparedOf({}, period)).toBeNull();
  expect(comparedOf({ compare: "before" }, period)).toEqual({ from: "2026-03-31", until: "2026-04-30" });
  expect(comparedOf({ compare: "year" }, period)).toEqual({ from: "2025-05-02", until: "2025-06-01" });
  expect(comparedOf({ compare: "own", compare_from: "2026-01-01" }, period)).toEqual({
    from: "2026-01-01",
    until: "2026-01-31",
  });
  expect(comparedOf({ compare: "own" }, period)).toEqual({ from: "2026-03-31", until: "2026-04-30" });
  expect(plusDays("2026-03-01", -1)).toBe("2026-02-28");
});
