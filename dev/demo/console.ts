const isTerminal = process.stdout.isTTY === true;
const BAR_WIDTH = 30;

/** Prints a line, on a terminal in the colour asked for. */
export function print(text: string, colour?: "green" | "red" | "yellow" | "dim"): void {
  const codes = { green: 32, red: 31, yellow: 33, dim: 2 };
  console.log(isTerminal && colour ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text);
}

/** A bar such as `██████░░░░ 31/57`. */
export function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.round((done / total) * BAR_WIDTH);
  return `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)} ${done}/${total}`;
}

/** Rows of two columns, the first padded. */
export function table(rows: readonly (readonly [string, string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) console.log(`  ${name.padEnd(width)}  ${value}`);
}
