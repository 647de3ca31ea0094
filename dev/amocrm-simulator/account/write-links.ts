import type { Company, Contact, Deal } from "./models.ts";
import type { World } from "./world.ts";
import { touch } from "./write-entity.ts";

/** Hangs a contact on a deal; the first one becomes the main one, a new main one replaces the former. */
export function linkContact(
  world: World,
  deal: Deal,
  link: { contact: Contact; isMain?: boolean; userId: number; isNew?: boolean },
): void {
  const { contact } = link;
  const isMain = link.isMain ?? deal.contacts.length === 0;
  const others = deal.contacts.filter(({ id }) => id !== contact.id);
  if (isMain) for (const other of others) other.is_main = false;
  deal.contacts = [...others, { id: contact.id, is_main: isMain || others.length === 0 }];
  contact.deal_ids.add(deal.id);
  if (link.isNew === true) return;
  touchBoth(world, deal, link);
  recordLink(world, deal, { ...link, type: "entity_linked" });
}

/** Takes a contact off a deal; the next one becomes the main one. */
export function unlinkContact(world: World, deal: Deal, link: { contact: Contact; userId: number }): void {
  const rest = deal.contacts.filter(({ id }) => id !== link.contact.id);
  if (rest.length === deal.contacts.length) return;
  const first = rest[0];
  if (first !== undefined && !rest.some(({ is_main }) => is_main)) first.is_main = true;
  deal.contacts = rest;
  link.contact.deal_ids.delete(deal.id);
  touchBoth(world, deal, link);
  recordLink(world, deal, { ...link, type: "entity_unlinked" });
}

function touchBoth(world: World, deal: Deal, link: { contact: Contact; userId: number }): void {
  if (!world.settings.writes.link_touches_updated_at) return;
  touch(world, deal, link.userId);
  touch(world, link.contact, link.userId);
}

function recordLink(
  world: World,
  deal: Deal,
  link: { contact: Contact; userId: number; type: "entity_linked" | "entity_unlinked" },
): void {
  world.store.record({
    type: link.type,
    entity_id: deal.id,
    entity_type: "lead",
    created_by: link.userId,
    value_after: [{ link: { entity: { type: "contact", id: link.contact.id } } }],
  });
}

/** Hangs a company on a deal or a contact, in place of the former one. */
export function linkCompany(holder: Deal | Contact, company: Company): void {
  holder.company_id = company.id;
  if ("deal_ids" in holder) company.contact_ids.add(holder.id);
  else company.deal_ids.add(holder.id);
}
