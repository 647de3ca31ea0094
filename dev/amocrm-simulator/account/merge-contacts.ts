import type { Contact } from "./models.ts";
import type { World } from "./world.ts";
import { touch } from "./write-entity.ts";
import { linkContact, unlinkContact } from "./write-links.ts";

/** Merges two contacts as a manager does: the first keeps its id, gains values and deals; the second is deleted. */
export function mergeContacts(world: World, merge: { into: Contact; from: Contact; userId: number }): void {
  const { into, from, userId } = merge;
  for (const [fieldId, values] of from.fields) {
    const isMultitext = world.store.fieldById("contacts", fieldId)?.type === "multitext";
    const kept = into.fields.get(fieldId);
    if (kept === undefined) into.fields.set(fieldId, values);
    else if (isMultitext) {
      const known = new Set(kept.map(({ value }) => value));
      into.fields.set(fieldId, [...kept, ...values.filter(({ value }) => !known.has(value))]);
    }
  }
  for (const dealId of [...from.deal_ids]) {
    const deal = world.store.deals.get(dealId);
    if (deal === undefined) continue;
    const isMain = deal.contacts.some((link) => link.id === from.id && link.is_main);
    unlinkContact(world, deal, { contact: from, userId });
    linkContact(world, deal, { contact: into, isMain, userId });
  }
  from.is_deleted = true;
  touch(world, from, userId);
  world.hooks.note("delete", from);
  touch(world, into, userId);
  world.store.index("contacts", into);
  world.store.record({
    type: "entity_merged",
    entity_id: into.id,
    entity_type: "contact",
    created_by: userId,
    value_before: [{ entity: { type: "contact", id: from.id } }],
    value_after: [{ entity: { type: "contact", id: into.id } }],
  });
}
