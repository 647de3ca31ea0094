import { describe, expect, it } from "vitest";
import { hasReference, noteText } from "#shared/amocrm/rules/note-text.ts";
import naughtyStrings from "../../../data/blns.json" with { type: "json" };

const REF = "lead-3f2a0000-77";

describe("noteText", () => {
  it("writes a line for each value, with Russian labels for what a manager reads, and the reference last", () => {
    const text = noteText(
      {
        values: [
          { path: "source", value: "proftest" },
          { path: "utm_campaign", value: "июль" },
          { path: "metadata.proftest.score", value: 58 },
          { path: "metadata.proftest.answers", value: [3, 1] },
          { path: "metadata.agreed", value: true },
        ],
      },
      REF,
    );
    expect(text.split("\n")).toEqual([
      "Источник: proftest",
      "UTM-кампания: июль",
      "proftest.score: 58",
      "proftest.answers: [3,1]",
      "agreed: true",
      `#${REF}`,
    ]);
  });

  it("says first what it is about, where the values do not tell", () => {
    expect(noteText({ heading: "Доступ открыт", values: [{ path: "login", value: "a@b.kz" }] }, REF)).toBe(
      `Доступ открыт\nЛогин: a@b.kz\n#${REF}`,
    );
  });

  it("splits an object by path", () => {
    const value = { proftest: { result: "инженер", score: 0 }, empty: "" };
    expect(noteText({ values: [{ path: "metadata", value }] }, REF)).toBe(
      `proftest.result: инженер\nproftest.score: 0\n#${REF}`,
    );
  });

  it("shows that a value was taken away", () => {
    expect(noteText({ values: [{ path: "utm_source", value: null }] }, REF)).toBe(`UTM-источник: —\n#${REF}`);
  });

  it("takes a label from its own table only", () => {
    expect(noteText({ values: [{ path: "constructor", value: "x" }] }, REF)).toBe(`constructor: x\n#${REF}`);
  });

  it("brings every naughty string through byte for byte, and is still found", () => {
    for (const value of naughtyStrings) {
      const text = noteText({ values: [{ path: "metadata.answer", value }] }, REF);
      if (value !== "") expect(text).toBe(`answer: ${value}\n#${REF}`);
      expect(hasReference(text, REF)).toBe(true);
    }
  });
});

describe("hasReference", () => {
  it.each([
    ["the note itself", `a: b\n#${REF}`, true],
    ["a note with Windows line ends and a space", `a: b\r\n#${REF} \r\n`, true],
    ["a note that a manager added to", `a: b\n#${REF}\nCalled back`, true],
    ["a note of nothing but the reference", `#${REF}`, true],
    ["a reference that goes on", `a: b\n#${REF}8`, false],
    ["a note whose line ends became spaces", `a: b #${REF}`, true],
    ["a note whose line ends became tags", `a: b<br />#${REF}<br />`, true],
    ["a note with entities", `a: &quot;b&quot;&#10;&#35;${REF}`, true],
    ["a reference that begins before", `a: x#${REF}`, false],
    ["a reference with a part behind it", `a: b\n#${REF}-1`, false],
    ["the bare text", REF, false],
    ["nothing", "", false],
  ])("of %s", (_name, text, expected) => {
    expect(hasReference(text, REF)).toBe(expected);
  });
});
