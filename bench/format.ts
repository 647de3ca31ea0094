import type { Report } from "./options.ts";

/** Milliseconds with as many digits as mean something. */
export function ms(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}

/** A whole number with blanks between the thousands. */
export const whole = (value: number): string =>
  Math.round(value).toLocaleString("en-US").replaceAll(",", " ");

/** `2.1×`: how many times one value is the other. */
export function times(value: number, of: number): string {
  const share = value / of;
  return `${share >= 10 ? share.toFixed(0) : share.toFixed(share < 0.1 ? 3 : 2)}×`;
}

/** The report as lines for a terminal. */
export function asText({ title, head, rows, remarks }: Report): string {
  const table = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...table.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ");
  return [`\n${title}`, ...table.map((row) => `  ${line(row)}`), ...remarks.map((text) => `  ${text}`)].join(
    "\n",
  );
}

/** The same as Markdown. */
export function asMarkdown({ title, head, rows, remarks }: Report): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  const body = [line(head), line(rule), ...rows.map(line)].join("\n");
  return `## ${title}\n\n${body}\n\n${remarks.map((text) => `- ${text}`).join("\n")}\n`;
}
