/** What may hold a number that a double would change: many digits in a row, or an exponent. Strings may look like it too. */
const SUSPECT = /[\d.]{16}|\d[eE][+-]?\d/;

/** The next text or number; in valid JSON a digit outside of a text begins or goes on with a number. */
const TOKEN = /"|-?\d[\d.eE+-]*/g;

/**
 * The JSON with each number that a double cannot hold as its own text in quotes, so that an order's or card's number keeps
 * every digit: `770712345678901234567` would else become `770712345678901300000`. The text must be valid JSON.
 */
export function withExactNumbers(json: string): string {
  if (!SUSPECT.test(json)) return json;
  const parts: string[] = [];
  let end = 0;
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(json); found !== null; found = TOKEN.exec(json)) {
    const [token] = found;
    if (token === '"') {
      TOKEN.lastIndex = endOfText(json, found.index);
    } else if (!isExact(token)) {
      parts.push(json.slice(end, found.index), `"${token}"`);
      end = TOKEN.lastIndex;
    }
  }
  parts.push(json.slice(end));
  return parts.join("");
}

/** Where the text that begins at the quote is over. */
function endOfText(json: string, start: number): number {
  let quote = json.indexOf('"', start + 1);
  while (quote !== -1 && isEscaped(json, quote)) quote = json.indexOf('"', quote + 1);
  return quote === -1 ? json.length : quote + 1;
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === "\\") backslashes += 1;
  return backslashes % 2 === 1;
}

function isExact(token: string): boolean {
  const number = Number(token);
  return Number.isFinite(number) && digitsOf(token) === digitsOf(String(number));
}

/** A number's significant digits and where they stand, the same for every way to write it. */
function digitsOf(token: string): string {
  const [mantissa = "", exponent = "0"] = token.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.replace(/^-/, "").split(".");
  const all = `${whole}${fraction}`.replace(/^0+/, "");
  // Not by /0+$/, which tries at each zero of a long number.
  let end = all.length;
  while (all[end - 1] === "0") end -= 1;
  const digits = all.slice(0, end);
  return digits === ""
    ? "0"
    : `${digits}e${Number(exponent) - fraction.length + (all.length - digits.length)}`;
}
