import { CALLING_CODES } from "./calling-codes.ts";

/** What a typed phone is. */
export interface ReadPhone {
  /** The number in E.164 with its plus, or null if it is none that its country can have. */
  key: string | null;
  /** What people type who want to give none: it is nobody's. */
  isDummy: boolean;
}

/** E.164 allows no more digits. */
const INTERNATIONAL_DIGITS_MAX = 15;

/** Fewer digits are no whole number, so they are no made-up one either. */
const DUMMY_DIGITS_MIN = 7;
const NATIONAL_ROW_MIN = 10;

/**
 * Ends a number: a letter, comma, semicolon or slash, behind which stands an extension, a remark or a second number.
 * What is no ASCII and no space or dash counts as a letter, as in SQL.
 */
const NUMBER_END =
  /[A-Za-z,;/]|[^\p{ASCII}\u0085\u00A0\u00B7\u1680\u2000-\u2015\u2028\u2029\u202F\u205F\u2212\u3000]/u;

const RISING = "01234567890";
const FALLING = "09876543210";

/**
 * Reads a phone, without spaces and invisible characters around it, as a person typed it. The twin of SQL's
 * `amocrm.read_phone`, which is the authority.
 */
export function readPhone(phone: string): ReadPhone {
  const number = numberIn(phone);
  if (number === null) return { key: null, isDummy: false };
  const international = internationalDigits(number);
  const code = [1, 2, 3]
    .map((length) => international?.slice(0, length) ?? "")
    .find((digits) => CALLING_CODES.has(digits));
  const national = code === undefined || international === null ? null : international.slice(code.length);
  if (isDummy(number.replace("+", ""), national ?? "")) return { key: null, isDummy: true };
  const isValid =
    code !== undefined &&
    international !== null &&
    international.length <= INTERNATIONAL_DIGITS_MAX &&
    new RegExp(`^(?:${CALLING_CODES.get(code)})$`).test(national ?? "");
  return { key: isValid ? `+${international}` : null, isDummy: false };
}

/** The digits of the first number, with a plus if it stands before them. */
function numberIn(phone: string): string | null {
  const start = phone.search(/[0-9]/);
  if (start < 0) return null;
  const before = phone.slice(0, start).split(NUMBER_END).at(-1) ?? "";
  const [number = ""] = phone.slice(start).split(NUMBER_END, 1);
  return (before.includes("+") ? "+" : "") + number.replace(/[^0-9]/g, "");
}

/** The digits from the country code on, unchecked; null if nobody can tell the country. */
function internationalDigits(number: string): string | null {
  const digits = number.startsWith("+") ? number.slice(1) : dialledAbroad(number);
  if (digits === null) return null;
  // No country has +89, so it was meant as 8; and a field with a fixed +7 was given 8 or 7 once more.
  if (digits.startsWith("89")) return `7${digits.slice(1)}`;
  return /^7[78][0-9]{10}$/.test(digits) ? `7${digits.slice(2)}` : digits;
}

/** Only 10 digits and 8 with ten are Russian or Kazakh without saying so; everything else keeps its own country code. */
function dialledAbroad(digits: string): string | null {
  if (digits.startsWith("00")) return digits.slice(2);
  if (digits.startsWith("810")) return digits.slice(3);
  if (/^[34789][0-9]{9}$/.test(digits)) return `7${digits}`;
  if (/^8[34789][0-9]{9}$/.test(digits)) return `7${digits.slice(1)}`;
  return digits.length > 10 ? digits : null;
}

function isDummy(digits: string, national: string): boolean {
  const [, behindTrunk = ""] = /^[78]([0-9]{10})$/.exec(digits) ?? [];
  return (
    [digits, behindTrunk, national].some((text) => text.length >= DUMMY_DIGITS_MIN && isRepeated(text)) ||
    [digits, behindTrunk].some((text) => text.length >= DUMMY_DIGITS_MIN && isRow(text)) ||
    // Behind a foreign code nine digits in a row may be somebody's (+60 12-345 6789), ten are nobody's.
    (national.length >= NATIONAL_ROW_MIN && isRow(national))
  );
}

function isRepeated(digits: string): boolean {
  return /^([0-9])\1+$/.test(digits);
}

function isRow(digits: string): boolean {
  return RISING.includes(digits) || FALLING.includes(digits);
}
