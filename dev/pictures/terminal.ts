/** The marks by which the command begins a line, with their colours on a dark ground. */
const COLOURS: Readonly<Record<string, string>> = { "✓": "#7ee787", "!": "#e3b341", "✗": "#ff7b72" };
const PLAIN = "#e6edf3";
const COLUMNS = 104;
const CELL = { width: 8.2, height: 20 };
const MARGIN = 20;

/** The output of a command as an SVG, which stays sharp, small and searchable. Long lines go on below their text. */
export function pictureOfText(command: string, lines: readonly string[]): string {
  const rows = [`$ ${command}`, ...lines].flatMap(wrapped);
  const width = Math.ceil(COLUMNS * CELL.width + 2 * MARGIN);
  const height = rows.length * CELL.height + 2 * MARGIN;
  const texts = rows.map((row, index) => {
    const fill = COLOURS[row.slice(0, 1)] ?? PLAIN;
    const y = MARGIN + CELL.height * (index + 0.75);
    return `<text x="${MARGIN}" y="${y}" fill="${fill}" xml:space="preserve">${escaped(row)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"
  font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13.5">
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
${texts.join("\n")}
</svg>
`;
}

function wrapped(line: string): string[] {
  if (line.length <= COLUMNS) return [line];
  const cut = line.lastIndexOf(" ", COLUMNS);
  const at = cut > COLUMNS / 2 ? cut : COLUMNS;
  return [line.slice(0, at), ...wrapped(`              ${line.slice(at).trimStart()}`)];
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
