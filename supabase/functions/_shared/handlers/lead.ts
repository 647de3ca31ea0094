import { dealName, displayName } from "../amocrm/deal-name.ts";
import type { LeadRow, Leftover } from "../amocrm/lead-fields.ts";
import type { Route } from "../outbox/configuration.ts";
import type { Message } from "../outbox/message.ts";

/** A column of the lead as text; null if it has none. */
export function textOf(lead: LeadRow, column: string): string | null {
  const value = lead[column];
  return typeof value === "string" ? value : null;
}

/** The name a manager sees: the lead's own byte for byte, or the phone or e-mail when it is blank. */
export function nameOf(lead: LeadRow): string {
  return displayName(textOf(lead, "full_name"), textOf(lead, "phone"), textOf(lead, "email"));
}

/** The name of the lead's deal by its route's template. */
export function dealNameOf(lead: LeadRow, route: Route): string {
  const values: Record<string, string | null> = { name: nameOf(lead) };
  for (const column of [
    "source",
    "email",
    "phone",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
  ]) {
    values[column] = textOf(lead, column);
  }
  return dealName(route.deal_name, values);
}

/** By this a note of the message is found again: short, and different for each message. */
export function referenceOf(message: Message): string {
  return `${message.kind.split(".")[0]}-${message.subjectId.slice(0, 8)}-${message.id}`;
}

/** What was given as e-mail or phone and must not get onto the contact: no number at all, or another person's. */
export function unownedKeys(message: Message, lead: LeadRow): Leftover[] {
  return [
    { path: "email", value: textOf(lead, "email"), isOwn: message.emailKey !== null },
    { path: "phone", value: textOf(lead, "phone"), isOwn: message.phoneKey !== null },
  ].flatMap(({ path, value, isOwn }) => (value === null || isOwn ? [] : [{ path, value }]));
}
