import { expect, it } from "vitest";
import { cut, lengthOf } from "#shared/platform/cut.ts";

it.each([
  ["abc", 5, "abc"],
  ["abc", 3, "abc"],
  ["abc", 2, "ab"],
  ["a😀c", 2, "a😀"],
  ["a😀c", 1, "a"],
  ["😀😀", 2, "😀😀"],
  ["😀😀", 1, "😀"],
  ["", 3, ""],
  ["abc", 0, ""],
])("cut(%j, %i) is %j", (text, length, expected) => {
  expect(cut(text, length)).toBe(expected);
});

it("never leaves half a character, wherever it cuts", () => {
  const text = "яa😀👩‍👩‍👧e\u0301".repeat(20);
  for (let length = 0; length <= lengthOf(text) + 1; length++) {
    const shown = cut(text, length);
    expect(shown.isWellFormed()).toBe(true);
    expect(lengthOf(shown)).toBe(Math.min(length, lengthOf(text)));
    expect(text.startsWith(shown)).toBe(true);
  }
});
