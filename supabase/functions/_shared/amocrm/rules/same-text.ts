/** A text that long may have been cut, by us or by amoCRM; then its beginning tells. */
const MAY_BE_CUT_FROM = 200;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};

/**
 * Whether a text read from amoCRM is the one that we had sent. Nobody promises that it comes back byte for byte, so what
 * may be changed on the way without a person noticing counts for nothing: white space, line ends, entities, marks, emoji.
 */
export function isSameText(seen: string, sent: string): boolean {
  const [one, other] = [essenceOf(seen), essenceOf(sent)];
  return one === other || ([...one].length >= MAY_BE_CUT_FROM && other.startsWith(one));
}

/** Whether a text holds the mark `#reference` by itself, wherever it came to stand. */
export function hasMark(text: string, mark: string): boolean {
  const words = decoded(text).split(/[^\p{L}\p{N}#_-]+/u);
  return words.includes(mark);
}

/** Letters and digits; where there are none, whatever is not white space. */
function essenceOf(text: string): string {
  const plain = decoded(text).normalize("NFKC");
  const letters = plain.replace(/[^\p{L}\p{N}]/gu, "");
  return letters === "" ? plain.replace(/\s|\p{Cf}|\p{Mn}/gu, "") : letters;
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (entity, decimal, hex, name) => {
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? entity;
    return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });
}
