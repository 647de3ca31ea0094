import { describe, expect, it } from "vitest";
import { createOutput, durationOf, tableOf } from "../../../cli/output.ts";

describe("tableOf", () => {
  it("aligns columns by characters, numbers to the right, without blanks at the end", () => {
    const rows = [
      ["лид", 7, "да"],
      ["a", 1200, ""],
    ];
    expect(tableOf(["kind", "count", "note"], rows)).toEqual([
      "kind  count  note",
      "лид       7  да",
      "a      1200",
    ]);
  });
});

describe("durationOf", () => {
  it.each([
    [-5, "0 s"],
    [119_400, "119 s"],
    [120_000, "2 min"],
    [7_200_000, "2 h"],
    [172_800_000, "2 days"],
  ])("says %i ms in its largest whole unit", (ms, words) => {
    expect(durationOf(ms)).toBe(words);
  });
});

describe("createOutput", () => {
  const written = (isJson: boolean): { out: string; err: string } => {
    const out: string[] = [];
    const err: string[] = [];
    const output = createOutput(isJson, {
      stdout: (text) => void out.push(text),
      stderr: (text) => void err.push(text),
    });
    output.line("for people");
    output.document({ a: 1 });
    output.note("beside");
    return { out: out.join(""), err: err.join("") };
  };

  it("writes the document alone to stdout in JSON mode", () => {
    const { out, err } = written(true);
    expect(JSON.parse(out)).toEqual({ a: 1 });
    expect(err).toBe("beside\n");
  });

  it("writes lines and no document otherwise", () => {
    expect(written(false)).toEqual({ out: "for people\n", err: "beside\n" });
  });
});
