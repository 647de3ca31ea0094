import { describe, expect, it } from "vitest";
import { createOutput, durationOf, tableOf } from "#cli/output.ts";

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

describe("what a visitor or a name in amoCRM may hold", () => {
  // Escape sequences, C1, marks of direction, a tag of plane 14, DEL, NUL: none may reach a terminal.
  const HOSTILE = "a\u001b[2Jb\u009b31mc\u202ed\u200fe\u{e0041}f\u007fg\u0000h\ri\tj";
  const isHarmless = (text: string) => !/(?!\n)[\p{Cc}\p{Cf}]/u.test(text);

  it.each([true, false])("is shown by its code, in JSON %s", (isJson) => {
    const written: string[] = [];
    const stream = (text: string) => void written.push(text);
    const output = createOutput(isJson, { stdout: stream, stderr: stream });
    output.line(HOSTILE);
    output.note(HOSTILE);
    output.document({ name: HOSTILE });
    for (const text of written) expect(isHarmless(text)).toBe(true);
    if (isJson) expect(JSON.parse(written.at(-1) ?? "")).toEqual({ name: HOSTILE });
    else expect(written[0]).toContain("a\\u{1b}[2Jb\\u{9b}31mc\\u{202e}d");
  });

  it("keeps a table's columns: what is shown is what is measured", () => {
    const lines = tableOf(
      ["name", "n"],
      [
        [HOSTILE, 1],
        ["x\ny", 2],
      ],
    );
    for (const line of lines) expect(isHarmless(line) && !line.includes("\n")).toBe(true);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });

  it("leaves letters, emoji and our own line breaks alone", () => {
    const written: string[] = [];
    const output = createOutput(false, { stdout: (text) => void written.push(text), stderr: () => {} });
    output.line("Әсел 李 🎓\n→ é");
    expect(written).toEqual(["Әсел 李 🎓\n→ é\n"]);
  });
});
