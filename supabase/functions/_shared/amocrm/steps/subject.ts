import { isDummyPhone, normalizeEmail, normalizePhone } from "../../platform/contact-keys.ts";
import type { Route } from "../configuration.ts";
import type { Warning } from "../drain/port.ts";
import type { Message } from "../message.ts";
import { dealName, displayName } from "../rules/deal-name.ts";
import type { LeadRow, Leftover } from "../rules/lead-fields.ts";

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

/**
 * What was given as e-mail or phone and does not get onto the contact: no number at all, another person's, or one too
 * many for the contact; a phone with something beside it, as it was typed; and what a contact that was there got by it.
 */
export function unownedKeys(message: Message, lead: LeadRow): Leftover[] {
  const { crowded = [], added = [] } = message.progress;
  const typed = textOf(lead, "phone_typed");
  const doubtful = added.map((path) => ({ path: `${path}_added`, value: textOf(lead, path) }));
  const unowned = (
    [
      { path: "email", key: message.emailKey, value: textOf(lead, "email"), isWhole: true },
      {
        path: "phone",
        key: message.phoneKey,
        value: typed ?? textOf(lead, "phone"),
        isWhole: typed === null,
      },
    ] as const
  ).flatMap(({ path, key, value, isWhole }) => {
    const isOnContact = key !== null && isWhole && !crowded.includes(path);
    return value === null || isOnContact ? [] : [{ path, value }];
  });
  return [...unowned, ...doubtful];
}

/** Why nobody can be recognised by a lead's only phone, as a warning; null if there is an e-mail, or the phone is one. */
export function phoneWarning(lead: LeadRow): Warning | null {
  const phone = textOf(lead, "phone");
  if (phone === null || normalizeEmail(textOf(lead, "email") ?? "") !== null) return null;
  if (isDummyPhone(phone)) {
    return {
      code: "dummy_phone",
      message:
        "The lead has only a phone that people type who want to give none; it has a contact of its own",
    };
  }
  if (normalizePhone(phone) !== null) return null;
  return {
    code: "unreadable_phone",
    message:
      "The lead has only a phone that its country cannot have; it has a contact of its own, and the note has what was typed",
  };
}
