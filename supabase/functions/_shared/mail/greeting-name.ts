import { lengthOf } from "../platform/cut.ts";

/** Longer than any name that a person would want to be greeted by. */
const MAX_NAME = 60;

/** The name for the greeting, or null when there is none that could be said: then the mail greets without it. */
export function greetingName(fullName: string | null): string | null {
  const name = (fullName ?? "")
    // Control characters, marks that turn the writing direction, and private ones such as our placeholder's.
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  // A phone, an address or a link in the field of the name is not how one greets; and spammers put links there.
  if (!/\p{L}/u.test(name) || /[@/\\<>]|\.[a-z]{2,}/.test(name)) return null;
  return lengthOf(name) > MAX_NAME ? null : name;
}
