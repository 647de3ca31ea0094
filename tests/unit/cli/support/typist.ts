import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { createPrompts, type Prompts } from "#cli/prompts.ts";

/** What is typed when a question stands on the screen. */
export type Line = readonly [question: string, keys: string];

export const ENTER = "\r";
export const DOWN = "\x1b[B";
export const CTRL_C = "\x03";

/** A person at a terminal: the real prompts on streams, answered by the keys of a script. */
export interface Typist {
  prompts: Prompts;
  /** Everything that was on the screen, without colours. */
  screen(): string;
  /** Questions of the script that never came. */
  unasked(): string[];
}

export function createTypist(script: readonly Line[]): Typist {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 200, rows: 50 });
  // Each prompt ends what it writes to; a process's own streams do not end by that, and neither does this one.
  output.end = () => output;
  const left = [...script];
  let shown = "";
  let sinceAnswer = "";
  output.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    sinceAnswer += stripVTControlCharacters(text);
    const [next] = left;
    if (next === undefined || !sinceAnswer.includes(next[0])) return;
    left.shift();
    sinceAnswer = "";
    // After the question has been drawn whole.
    setImmediate(() => input.write(next[1]));
  });
  return {
    prompts: createPrompts({ input, output }),
    screen: () => stripVTControlCharacters(shown),
    unasked: () => left.map(([question]) => question),
  };
}
