/** How many single-letter edits may lie between a name and what was meant. */
const MAX_DISTANCE = 2;

/**
 * Which set names are probably meant to be known ones: known name → the name found. Exact names are no
 * misspelling, and a known name that is set needs none.
 */
export function misspeltNames(found: readonly string[], known: readonly string[]): Map<string, string> {
  const strangers = found.filter((name) => !known.includes(name));
  const result = new Map<string, string>();
  for (const name of known) {
    if (found.includes(name)) continue;
    const alike = strangers.find((stranger) => isAlike(stranger, name));
    if (alike !== undefined) result.set(name, alike);
  }
  return result;
}

/** Whether one name may be the other with a slip or two, whatever their case and punctuation. */
export function isAlike(a: string, b: string): boolean {
  const plain = (name: string) => name.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");
  return Math.abs(a.length - b.length) <= MAX_DISTANCE && distance(plain(a), plain(b)) <= MAX_DISTANCE;
}

/** Levenshtein distance with one row of memory; names are short. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
