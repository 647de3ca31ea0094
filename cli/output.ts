/** Where a command writes: results to `out`, everything said beside them to `note`. */
export interface Output {
  isJson: boolean;
  /** One line for people; nothing in JSON mode. */
  line(text?: string): void;
  /** The one document of JSON mode; nothing otherwise. */
  document(value: unknown): void;
  /** A remark on stderr, in both modes. */
  note(text: string): void;
}

/**
 * What a visitor typed or a name in amoCRM may hold moves the cursor, changes what was written or reverses its order: shown
 * as it is called instead. Line breaks of our own texts stay.
 */
export function shown(text: string): string {
  return text.replace(
    /(?!\n)[\p{Cc}\p{Cf}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** JSON leaves some of them as they are; escaped they are the same to a reader of JSON. */
function shownJson(json: string): string {
  return json.replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((place) => `\\u${character.charCodeAt(place).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** Writes to the two streams of a process. */
export function createOutput(
  isJson: boolean,
  streams: { stdout: (text: string) => void; stderr: (text: string) => void },
): Output {
  return {
    isJson,
    line: (text = "") => {
      if (!isJson) streams.stdout(`${shown(text)}\n`);
    },
    document: (value) => {
      if (isJson) streams.stdout(`${shownJson(JSON.stringify(value, null, 2))}\n`);
    },
    note: (text) => streams.stderr(`${shown(text)}\n`),
  };
}

/** A table with a head, columns as wide as their longest cell; numbers go right. */
export function tableOf(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const cells = [head, ...rows].map((row) => row.map((cell) => shown(String(cell)).replaceAll("\n", " ")));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? "")].length)));
  const isRight = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^-?[\d.]+\+?$/.test(String(row[column]))),
  );
  return cells.map((row) =>
    row
      .map((cell, column) => {
        const gap = " ".repeat((widths[column] ?? 0) - [...cell].length);
        return isRight[column] ? gap + cell : cell + gap;
      })
      .join("  ")
      .trimEnd(),
  );
}

/** `17`, or `2000+` where counting stopped before the end. */
export function boundedCount(count: number, isMore: boolean): string {
  return isMore ? `${count}+` : String(count);
}

/** `3 min`, `2 h`: how long something took or is ago, in its largest whole unit. */
export function durationOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
