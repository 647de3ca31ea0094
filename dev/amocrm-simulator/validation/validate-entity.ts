import type { EntityKind } from "../account/models.ts";
import type { World } from "../account/world.ts";
import type { ItemReader } from "./item-reader.ts";
import type { FieldChanges } from "./validate-fields.ts";
import { readFieldChanges } from "./validate-fields.ts";

/** A tag by its id or, so that unknown ones can be made on writing, by its name. */
export type TagName = number | string;

/** How an item changes the tags: the whole set wins over single ones (amocrm-api 3.4). */
interface TagChanges {
  replace: TagName[] | undefined;
  add: TagName[];
  remove: TagName[];
}

/** What contacts, deals and companies have in common in a write; undefined members were not sent. */
export interface EntityInput {
  name: string | undefined;
  responsibleUserId: number | undefined;
  createdBy: number | undefined;
  updatedBy: number | undefined;
  createdAt: number | undefined;
  updatedAt: number | undefined;
  fields: FieldChanges | undefined;
  tags: TagChanges;
}

/** Reads the members that every entity has; unknown members are ignored, as amoCRM does. */
export function readEntity(
  world: World,
  item: ItemReader,
  options: { kind: EntityKind; fieldsMax: number | null },
): EntityInput {
  const { store, settings } = world;
  const isUser = (id: number) => store.isActiveUser(id);
  const isAuthor = (id: number) => id === 0 || store.isActiveUser(id);
  return {
    name: item.text("name", settings.writes.text_max_chars),
    responsibleUserId: item.choice("responsible_user_id", isUser),
    createdBy: item.choice("created_by", isAuthor),
    updatedBy: item.choice("updated_by", isAuthor),
    createdAt: item.integer("created_at"),
    updatedAt: item.integer("updated_at"),
    fields: readFieldChanges(world, item, options),
    tags: {
      replace: readTags(world, item.object("_embedded"), { key: "tags", kind: options.kind }),
      add: readTags(world, item, { key: "tags_to_add", kind: options.kind }) ?? [],
      remove: readTags(world, item, { key: "tags_to_delete", kind: options.kind }) ?? [],
    },
  };
}

function readTags(
  world: World,
  item: ItemReader | undefined,
  options: { key: string; kind: EntityKind },
): TagName[] | undefined {
  const readers = item?.objects(options.key);
  return readers?.flatMap((tag): TagName[] => {
    if (tag.has("id") && tag.raw("id") !== null) {
      const id = tag.choice("id", (candidate) => world.store.tags[options.kind].has(candidate));
      return id === undefined ? [] : [id];
    }
    const name = tag.text("name", world.settings.writes.text_max_chars);
    if (name === undefined && !tag.has("name")) tag.fail("FieldMissing", "name");
    return name === undefined || name === "" ? [] : [name];
  });
}
