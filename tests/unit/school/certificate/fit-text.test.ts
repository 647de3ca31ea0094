import { describe, expect, it } from "vitest";
import { fitText } from "#shared/school/certificate/fit-text.ts";

/** Each letter is as wide as the size. */
const widthOf = (text: string) => [...text].length;
const room = {
  width: 200,
  steps: [
    { lineCount: 1, largest: 20, smallest: 10 },
    { lineCount: 2, largest: 10, smallest: 5 },
  ],
};
const fitted = (text: string) => fitText(text, room, widthOf);

describe("fitText", () => {
  it("leaves a short text at the largest size", () => {
    expect(fitted("abc de")).toEqual({ size: 20, lines: ["abc de"] });
  });

  it("makes a longer text smaller before it breaks it", () => {
    expect(fitted("aaaaaaaa bbbbbbb")).toEqual({ size: 12, lines: ["aaaaaaaa bbbbbbb"] });
  });

  it("breaks a text that is too long for one line at a blank, into lines of about the same length", () => {
    expect(fitted("aaaa bbbb cccc dddd eeee")).toEqual({ size: 10, lines: ["aaaa bbbb cccc", "dddd eeee"] });
  });

  it("makes lines smaller that do not fit", () => {
    const { size, lines } = fitted("aaaaaaaaaa ".repeat(5).trim());
    expect(size).toBe(6);
    expect(lines.join(" ")).toBe("aaaaaaaaaa ".repeat(5).trim());
  });

  it("breaks a word that is longer than a line", () => {
    expect(fitted("a".repeat(60))).toEqual({ size: 5, lines: ["a".repeat(40), "a".repeat(20)] });
  });

  it("cuts what fits nowhere, and shows that something is missing", () => {
    const { size, lines } = fitted("a".repeat(500));
    expect(size).toBe(5);
    expect(lines).toEqual(["a".repeat(40), `${"a".repeat(39)}…`]);
  });

  it.each(["", " "])("takes an empty text: %j", (text) => {
    expect(fitted(text).lines).toHaveLength(1);
  });

  it("never goes beyond the room, whatever the text", () => {
    for (let length = 1; length < 300; length += 7) {
      const text = Array.from({ length }, (_, index) => (index % 9 === 8 ? " " : "x")).join("");
      const { size, lines } = fitted(text.trim());
      expect(lines.length).toBeLessThanOrEqual(2);
      for (const line of lines) expect(widthOf(line) * size).toBeLessThanOrEqual(room.width);
    }
  });
});
