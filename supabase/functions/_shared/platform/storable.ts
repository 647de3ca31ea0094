/** What stands in the place of a character that Postgres does not store: Unicode's own sign for it. */
const REPLACEMENT = "\uFFFD";

/**
 * Deeper than anything that amoCRM, Resend or a form has reason to send, and far from where `JSON.stringify` runs out of
 * stack: at some 4,000 levels in the platform's Deno.
 */
const LEVELS_MAX = 64;

/** The text as Postgres can store it: without NUL and half surrogate pairs, which JSON can carry and a database cannot. */
function storableText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes("\0") ? wellFormed.replaceAll("\0", REPLACEMENT) : wellFormed;
}

/**
 * The value as jsonb can hold it: every text and every key storable, and null in the place of what is nested deeper than 64
 * levels. One odd character of anybody costs that character. What needs nothing comes back as it is, not as a copy.
 */
export function storable<T>(value: T): T {
  return clean(value, LEVELS_MAX) as T;
}

function clean(value: unknown, levelsLeft: number): unknown {
  if (typeof value === "string") return storableText(value);
  if (typeof value !== "object" || value === null) return value;
  if (levelsLeft === 0) return null;
  return Array.isArray(value) ? cleanList(value, levelsLeft - 1) : cleanObject(value, levelsLeft - 1);
}

function cleanList(list: readonly unknown[], levelsLeft: number): readonly unknown[] {
  let isChanged = false;
  const cleaned = list.map((item) => {
    const one = clean(item, levelsLeft);
    isChanged ||= !Object.is(one, item);
    return one;
  });
  return isChanged ? cleaned : list;
}

function cleanObject(object: object, levelsLeft: number): object {
  let isChanged = false;
  const cleaned = Object.entries(object).map(([key, item]) => {
    const one = [storableText(key), clean(item, levelsLeft)] as const;
    isChanged ||= one[0] !== key || !Object.is(one[1], item);
    return one;
  });
  // Not by assignment: a key may be named __proto__.
  return isChanged ? Object.fromEntries(cleaned) : object;
}
