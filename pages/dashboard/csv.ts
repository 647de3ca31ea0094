/** What spreadsheets take for the beginning of a formula, in the usual width and in the wide one. */
const FORMULA = /(^|[;,\t\r\n"])(\s*[=+\-@＝＋－＠])/g;

/**
 * A table as a file for spreadsheets. Texts come from visitors, so none of them may become a formula there: not at the start of a cell,
 * nor behind a sign at which a program set to another language would part the cell.
 */
export function csvOf(rows: readonly (readonly (string | number | null)[])[], separator: ";" | ","): string {
  const cell = (value: string | number | null): string => {
    if (value === null) return "";
    if (typeof value === "number") return String(value);
    const harmless = value.replace(FORMULA, "$1'$2");
    const guarded = /^[\t\r\n]/.test(harmless) ? `'${harmless}` : harmless;
    return `"${guarded.replaceAll('"', '""')}"`;
  };
  // The mark at the beginning tells Excel that it is UTF-8.
  return `\uFEFF${rows.map((row) => row.map(cell).join(separator)).join("\r\n")}\r\n`;
}

/** Hands a text to the reader as a file. */
export function saveAs(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
