import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createTerminal, type Terminal } from "#cli/terminal.ts";

/** A terminal on which these keys are typed as soon as a question stands there. */
function terminalTyping(keys: string | null): Terminal {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  let hasAnswered = false;
  stderr.setEncoding("utf8").on("data", (text: string) => {
    if (hasAnswered || !text.includes("Start it?")) return;
    hasAnswered = true;
    setImmediate(() => (keys === null ? stdin.end() : stdin.write(keys)));
  });
  return createTerminal({ stdin, stderr } as unknown as NodeJS.Process, "en");
}

describe("a terminal's question", () => {
  it.each([
    ["y\r", true],
    ["YES\r", true],
    ["да\r", true],
    ["\r", false],
    ["n\r", false],
    ["yesterday\r", false],
    ["\x04", false],
    [null, false],
  ])("answered with %j is %s", async (keys, isYes) => {
    expect(await terminalTyping(keys).confirm("Start it?")).toBe(isYes);
  });

  it("ends the command when Ctrl-C is the answer", async () => {
    await expect(terminalTyping("\x03").confirm("Start it?")).rejects.toMatchObject({
      code: "interrupted",
      exitCode: 130,
    });
  });
});
