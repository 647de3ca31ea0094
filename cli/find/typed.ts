import { filled } from "#shared/platform/text.ts";
import { usageFailure } from "../failure.ts";
import { FIND } from "../words/find.ts";

/** No country has shorter numbers, with their area code. */
const SHORTEST_PHONE = 6;

/** What is surely no address is said at once: "nobody has it" would sound as if it had been looked for. */
export function requireEmail(email: string | undefined): void {
  if (email === undefined || /^[^\s@]+@[^\s@]+$/.test(email.trim())) return;
  throw usageFailure(filled(FIND.noEmail, { typed: JSON.stringify(email) }));
}

export function requirePhone(phone: string | undefined): void {
  if (phone === undefined || phone.replace(/\D/g, "").length >= SHORTEST_PHONE) return;
  throw usageFailure(filled(FIND.noPhone, { typed: JSON.stringify(phone) }));
}
