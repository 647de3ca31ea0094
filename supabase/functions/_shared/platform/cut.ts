/**
 * The first so many characters of a text. By code points: `slice` counts in halves of those beyond the sixteenth bit, and half
 * an emoji is no text that a database stores.
 */
export function cut(text: string, lengthMax: number): string {
  // There are never more code points than units, so a short text needs no look.
  if (text.length <= lengthMax) return text;
  let unitCount = 0;
  let length = 0;
  for (const character of text) {
    if (length === lengthMax) return text.slice(0, unitCount);
    unitCount += character.length;
    length += 1;
  }
  return text;
}

/** How many characters a text has, counted as Postgres counts them. */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}
