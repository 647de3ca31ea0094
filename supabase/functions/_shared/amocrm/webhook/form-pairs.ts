/** No key of a hook that we read is deeper; what is, is looked at no further. */
const MAX_DEPTH = 6;
const ESCAPES = /(?:%[0-9a-f]{2})+/gi;

/** A field of a form in PHP's style: `leads[update][0][id]=7` has the path leads, update, 0, id. */
export interface FormPair {
  path: readonly string[];
  /** Still encoded: most values of a hook are not looked at. */
  raw: string;
}

/**
 * The fields of a form in their order, one after another, so that no object is built from names that a stranger chose.
 * Brackets may be literal or encoded. What is no field at all is passed over; nothing throws.
 */
export function* formPairs(body: string): Generator<FormPair> {
  for (let start = 0; start <= body.length; ) {
    const next = body.indexOf("&", start);
    const end = next < 0 ? body.length : next;
    // In the pair and not in what follows, which would be searched for each pair again.
    const pair = body.slice(start, end);
    const equals = pair.indexOf("=");
    const path = equals < 0 ? null : pathOf(decoded(pair.slice(0, equals)));
    if (path !== null) yield { path, raw: pair.slice(equals + 1) };
    start = end + 1;
  }
}

/** A text of a form as it was meant; an escape that was cut, or is no UTF-8, stays or becomes a replacement sign. */
export function decoded(text: string): string {
  const spaced = text.replaceAll("+", " ");
  return spaced.includes("%")
    ? spaced.replace(ESCAPES, (escapes) => DECODER.decode(bytesOf(escapes)))
    : spaced;
}

const DECODER = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

function bytesOf(escapes: string): Uint8Array {
  const bytes = new Uint8Array(escapes.length / 3);
  for (let at = 0; at < bytes.length; at++)
    bytes[at] = Number.parseInt(escapes.slice(3 * at + 1, 3 * at + 3), 16);
  return bytes;
}

/** The parts of a key; null if it is no name with closed brackets behind it. */
function pathOf(key: string): string[] | null {
  const first = key.indexOf("[");
  if (first < 0) return key === "" ? null : [key.trim()];
  if (first === 0) return null;
  const path = [key.slice(0, first).trim()];
  for (let at = first; at < key.length && path.length < MAX_DEPTH; ) {
    const close = key.indexOf("]", at);
    if (key[at] !== "[" || close < 0) return null;
    path.push(key.slice(at + 1, close));
    at = close + 1;
  }
  return path;
}
