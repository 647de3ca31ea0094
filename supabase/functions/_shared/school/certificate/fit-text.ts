/** How a text stands on the page. */
export interface FittedText {
  size: number;
  lines: string[];
}

/** The room for a text. `steps` are tried in order: a largest and a smallest size for so many lines. */
export interface Room {
  width: number;
  steps: readonly { lineCount: number; largest: number; smallest: number }[];
}

/** What cannot be printed whole ends like this. */
const ELLIPSIS = "…";

/**
 * The largest size at which a text fits its room, in as few lines as possible. A word longer than a line is broken, and
 * what does not fit even the last step is cut. `widthOf` tells the width of a text at size 1.
 */
export function fitText(text: string, room: Room, widthOf: (text: string) => number): FittedText {
  for (const { lineCount, largest, smallest } of room.steps) {
    for (let size = largest; size >= smallest; size--) {
      const lines = wrapped(text, room.width / size, widthOf);
      if (lines !== null && lines.length <= lineCount)
        return { size, lines: balanced(lines, room, size, widthOf) };
    }
  }
  const last = room.steps.at(-1) ?? { lineCount: 1, smallest: 1 };
  return { size: last.smallest, lines: cut(text, last.lineCount, room.width / last.smallest, widthOf) };
}

/** The words in lines; null if one is too long for a line. */
function wrapped(text: string, width: number, widthOf: (text: string) => number): string[] | null {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    if (widthOf(word) > width) return null;
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The same number of lines, but of about the same length: one word alone on the last line looks like a mistake. */
function balanced(lines: string[], room: Room, size: number, widthOf: (text: string) => number): string[] {
  if (lines.length < 2) return lines;
  const text = lines.join(" ");
  const whole = room.width / size;
  for (let width = widthOf(text) / lines.length; width < whole; width += whole / 40) {
    const even = wrapped(text, width, widthOf);
    if (even !== null && even.length === lines.length) return even;
  }
  return lines;
}

function cut(text: string, lineCount: number, width: number, widthOf: (text: string) => number): string[] {
  const lines: string[] = [""];
  for (const character of text) {
    const line = lines.at(-1) ?? "";
    const isLast = lines.length === lineCount;
    if (widthOf(line + character + (isLast ? ELLIPSIS : "")) <= width) {
      lines[lines.length - 1] = line + character;
    } else if (isLast) {
      lines[lines.length - 1] = line.trimEnd() + ELLIPSIS;
      return lines;
    } else {
      lines.push(character.trim());
    }
  }
  return lines;
}
