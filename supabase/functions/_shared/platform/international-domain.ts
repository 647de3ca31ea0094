/** The constants of Punycode (RFC 3492, section 5). */
const DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789";
const BASE = 36;
const THRESHOLD_MAX = 26;
const FIRST_BIAS = 72;
const FIRST_CODE = 128;

/** A label of a domain has no more characters. */
const LABEL_LENGTH_MAX = 63;
const CODE_MAX = 0x10ffff;
/** Far beyond what any label can say; keeps the sums exact. */
const SUM_MAX = 0x7fffffff;

const PREFIX = "xn--";

/** A domain in lower case as people write it: its encoded labels are decoded, all else stays. */
export function readableDomain(domain: string): string {
  return domain
    .split(".")
    .map((label) => (label.startsWith(PREFIX) ? (decoded(label.slice(PREFIX.length)) ?? label) : label))
    .join(".");
}

/** The domain in ASCII, as mail servers and other systems may keep it; the same one if it is that already. */
export function asciiDomain(domain: string): string {
  if (/^\p{ASCII}*$/u.test(domain)) return domain;
  const url = `http://${domain}`;
  return URL.canParse(url) ? new URL(url).hostname : domain;
}

/** What a label says behind `xn--`; null if that is no encoded text. */
function decoded(encoded: string): string | null {
  if (encoded.length > LABEL_LENGTH_MAX) return null;
  const hyphen = encoded.lastIndexOf("-");
  const codes = [...(hyphen < 0 ? "" : encoded.slice(0, hyphen))].map((letter) => letter.codePointAt(0) ?? 0);
  const rest = encoded.slice(hyphen + 1);
  let code = FIRST_CODE;
  let place = 0;
  let bias = FIRST_BIAS;
  for (let at = 0; at < rest.length; ) {
    const before = place;
    let weight = 1;
    for (let base = BASE; ; base += BASE) {
      const digit = at < rest.length ? DIGITS.indexOf(rest.charAt(at)) : -1;
      at += 1;
      if (digit < 0 || place > SUM_MAX || weight > SUM_MAX) return null;
      place += digit * weight;
      const threshold = Math.min(Math.max(base - bias, 1), THRESHOLD_MAX);
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const length = codes.length + 1;
    bias = adapted(place - before, length, before === 0);
    code += Math.floor(place / length);
    place %= length;
    if (code > CODE_MAX || (code >= 0xd800 && code <= 0xdfff)) return null;
    codes.splice(place, 0, code);
    place += 1;
  }
  // Nothing but ASCII is encoded as itself: such a label is another name in disguise.
  return codes.some((each) => each >= FIRST_CODE) ? String.fromCodePoint(...codes) : null;
}

function adapted(distance: number, length: number, isFirst: boolean): number {
  let delta = Math.floor(distance / (isFirst ? 700 : 2));
  delta += Math.floor(delta / length);
  let bias = 0;
  while (delta > 455) {
    delta = Math.floor(delta / 35);
    bias += BASE;
  }
  return bias + Math.floor((BASE * delta) / (delta + 38));
}
