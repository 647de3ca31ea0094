import type { World } from "../account/world.ts";
import type { ItemReader } from "./item-reader.ts";
import type { EntityInput } from "./validate-entity.ts";
import { readEntity } from "./validate-entity.ts";

/** A contact's write: the common members and the two halves of the name. */
export interface ContactInput extends EntityInput {
  firstName: string | undefined;
  lastName: string | undefined;
}

/** Reads a contact to be made or changed; nothing is required (amocrm-api 3.3). */
export function readContact(world: World, item: ItemReader, fieldsMax: number | null): ContactInput {
  const nameMaxChars = world.settings.writes.text_max_chars;
  return {
    ...readEntity(world, item, { kind: "contacts", fieldsMax }),
    firstName: item.text("first_name", nameMaxChars),
    lastName: item.text("last_name", nameMaxChars),
  };
}
