import { shown as inPlainSight } from "./output.ts";

/** Lines that are replaced in place. */
export interface Screen {
  /** Whether lines can be replaced: a terminal, and no pipe. */
  isInteractive: boolean;
  /** Shows these lines in the place of those before. */
  draw(lines: readonly string[]): void;
  /** Leaves the last lines standing, and gives the cursor back. */
  close(): void;
}

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CLEAR_BELOW = "\x1b[J";

/** Where a screen writes to: stdout of a process, as far as it is needed. */
export interface ScreenStream {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
  write(text: string): unknown;
}

/** A screen over the terminal. Lines are cut to its size, since one that wraps or scrolls could not be replaced. */
export function createScreen(stream: ScreenStream): Screen {
  let shownCount = 0;
  return {
    isInteractive: stream.isTTY === true,
    draw(lines) {
      const width = Math.max(1, (stream.columns ?? 80) - 1);
      const shown = lines
        .slice(0, Math.max(1, (stream.rows ?? 24) - 1))
        .map((line) => cut(inPlainSight(line).replaceAll("\n", " "), width));
      const upwards = shownCount === 0 ? HIDE_CURSOR : `\x1b[${shownCount}A\r`;
      stream.write(`${upwards}${CLEAR_BELOW}${shown.map((line) => `${line}\n`).join("")}`);
      shownCount = shown.length;
    },
    close() {
      if (shownCount > 0) stream.write(SHOW_CURSOR);
      shownCount = 0;
    },
  };
}

function cut(line: string, width: number): string {
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join("")}…`;
}
