/** What a person is recognised by; `value` is normalised. */
export interface ContactKey {
  kind: "email" | "phone";
  value: string;
}

/** The longest address that SMTP can carry (RFC 5321). */
const EMAIL_LENGTH_MAX = 254;

/** E.164 allows 15 digits; under 7 there is no subscriber's number with a country code. */
const PHONE_DIGITS_MIN = 7;
const PHONE_DIGITS_MAX = 15;

/** Numbers of country code 7 (Russia and Kazakhstan) without it. */
const NATIONAL_DIGITS = 10;

/** Soft hyphen, zero-width and direction marks, word joiner, byte order mark: nobody sees that they were pasted. */
const INVISIBLES = /[\u00AD\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\uFEFF]/g;

/** White space of any kind, with the one control that `\s` leaves out. */
const OUTER_SPACES = /^[\s\u0085]+|[\s\u0085]+$/g;

const ADDRESS_IN_BRACKETS = /^(?:mailto:)?<?(.*?)>?$/is;

/** A local part, one `@`, and a domain of two labels or more in any script. */
const EMAIL =
  /^[^\s\p{Cc}@<>()",;:\\[\]]{1,64}@(?:[^\s\p{Cc}@<>()",;:\\[\]./]+\.)+[^\s\p{Cc}@<>()",;:\\[\]./]{2,}$/u;

/**
 * The e-mail as it is compared, or null when the text is none. The twin of SQL's `amocrm.normalize_email`, which
 * is the authority; this one verifies what a search in amoCRM found.
 */
export function normalizeEmail(text: string): string | null {
  const address = trimmed(trimmed(text).replace(ADDRESS_IN_BRACKETS, "$1")).toLowerCase();
  return [...address].length <= EMAIL_LENGTH_MAX && EMAIL.test(address) ? address : null;
}

/**
 * The phone in E.164 with its plus, or null when the text is none. Only 8 and ten digits, and ten bare
 * digits, are taken for +7. The twin of SQL's `amocrm.normalize_phone`.
 */
export function normalizePhone(text: string): string | null {
  const phone = trimmed(text);
  // A letter means an extension or a remark, and digits behind it are not part of the number.
  if (/\p{L}/u.test(phone)) return null;
  const digits = phone.replace(/[^0-9]/g, "");
  if (/^\(?\+/.test(phone)) return international(digits);
  if (digits.startsWith("00")) return international(digits.slice(2));
  if (digits.length === NATIONAL_DIGITS) return `+7${digits}`;
  if (digits.length === NATIONAL_DIGITS + 1 && digits.startsWith("8")) return `+7${digits.slice(1)}`;
  // A shorter number lacks its country code, which nobody can guess.
  return digits.length > NATIONAL_DIGITS ? international(digits) : null;
}

function international(digits: string): string | null {
  return digits.length >= PHONE_DIGITS_MIN && digits.length <= PHONE_DIGITS_MAX ? `+${digits}` : null;
}

function trimmed(text: string): string {
  return text.replace(INVISIBLES, "").replace(OUTER_SPACES, "");
}
