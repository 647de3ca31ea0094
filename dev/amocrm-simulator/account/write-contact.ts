import type { ContactInput } from "../validation/validate-contact.ts";
import type { Contact } from "./models.ts";
import type { World } from "./world.ts";
import { applyParts, changeEntity, newEntity } from "./write-entity.ts";

/** Makes a contact. Nothing stops a second one with the same e-mail or phone (amocrm-api 3.3). */
export function createContact(world: World, input: ContactInput, userId: number): Contact {
  const base = newEntity(world, input, { id: world.store.nextId("contacts"), userId });
  const contact: Contact = { ...base, first_name: "", last_name: "", company_id: null, deal_ids: new Set() };
  nameContact(contact, input);
  world.store.contacts.set(contact.id, contact);
  applyParts(world, contact, { kind: "contacts", input, userId, isNew: true });
  world.store.index("contacts", contact);
  world.hooks.note("add", contact);
  world.store.record({
    type: "contact_added",
    entity_id: contact.id,
    entity_type: "contact",
    created_by: contact.created_by,
  });
  return contact;
}

/** Changes a contact; a multitext field that was sent loses all its former values (amocrm-api 3.7). */
export function updateContact(
  world: World,
  contact: Contact,
  change: { input: ContactInput; userId: number },
): void {
  changeEntity(world, contact, { kind: "contacts", ...change });
  nameContact(contact, change.input);
  world.store.index("contacts", contact);
}

function nameContact(contact: Contact, input: ContactInput): void {
  if (input.firstName !== undefined) contact.first_name = input.firstName;
  if (input.lastName !== undefined) contact.last_name = input.lastName;
  const hasHalf = input.firstName !== undefined || input.lastName !== undefined;
  if (input.name === undefined && hasHalf) {
    contact.name = [contact.first_name, contact.last_name].filter((half) => half !== "").join(" ");
  }
}
