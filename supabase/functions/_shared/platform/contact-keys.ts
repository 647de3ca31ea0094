import { lengthOf } from "./cut.ts";
import { readableDomain } from "./international-domain.ts";
import { readPhone } from "./phones/phone-number.ts";

/** What a person is recognised by; `value` is normalised. */
export interface ContactKey {
  kind: "email" | "phone";
  value: string;
}

/** The longest address that SMTP can carry (RFC 5321). */
const EMAIL_LENGTH_MAX = 254;

/** Soft hyphen, zero-width and direction marks, word joiner, byte order mark: nobody sees that they were pasted. */
const INVISIBLES = /[\u00AD\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\uFEFF]/g;

/** White space of any kind, with the one control that `\s` leaves out. */
const OUTER_SPACES = /^[\s\u0085]+|[\s\u0085]+$/g;

const ADDRESS_IN_BRACKETS = /^(?:mailto:)?<?(.*?)>?$/is;

/** A local part, one `@`, and a domain of two labels or more in any script. */
const EMAIL =
  /^[^\s\p{Cc}@<>()",;:\\[\]]{1,64}@(?:[^\s\p{Cc}@<>()",;:\\[\]./]+\.)+[^\s\p{Cc}@<>()",;:\\[\]./]{2,}$/u;

/**
 * The e-mail as it is compared, its domain as people write it, or null when the text is none. The twin of SQL's `amocrm.normalize_email`, which
 * is the authority; this one verifies what a search in amoCRM found.
 */
export function normalizeEmail(text: string): string | null {
  const typed = trimmed(trimmed(text).replace(ADDRESS_IN_BRACKETS, "$1")).toLowerCase().normalize("NFC");
  const at = typed.lastIndexOf("@") + 1;
  const address = typed.slice(0, at) + readableDomain(typed.slice(at));
  return lengthOf(address) <= EMAIL_LENGTH_MAX && EMAIL.test(address) ? address : null;
}

/**
 * The phone in E.164 with its plus, or null when the text holds none that its country can have. The twin of SQL's
 * `amocrm.normalize_phone`.
 */
export function normalizePhone(text: string): string | null {
  return readPhone(trimmed(text)).key;
}

/** Whether the text is what people type who want to give no phone: one digit over and over, or 1234567890. */
export function isDummyPhone(text: string): boolean {
  return readPhone(trimmed(text)).isDummy;
}

function trimmed(text: string): string {
  return text.replace(INVISIBLES, "").replace(OUTER_SPACES, "");
}
