import type { Company, Contact } from "../account/models.ts";
import type { World } from "../account/world.ts";
import type { ItemReader } from "./item-reader.ts";

/** Existing contacts and the company a new deal is to hang on. */
export interface DealLinks {
  contacts: { contact: Contact; isMain: boolean | undefined }[];
  company: Company | undefined;
}

/** Reads `_embedded.contacts` and `_embedded.companies` of a plain create: both only by id. */
export function readDealLinks(world: World, item: ItemReader): DealLinks {
  const embedded = item.object("_embedded");
  const contacts = (embedded?.objects("contacts") ?? []).flatMap((link) => {
    const contact = readById(link, world.store.contacts);
    return contact === undefined ? [] : [{ contact, isMain: link.boolean("is_main") }];
  });
  const companies = (embedded?.objects("companies") ?? []).map((link) =>
    readById(link, world.store.companies),
  );
  return { contacts, company: companies[0] };
}

/** The living entity a link names by `id`; an unknown or deleted one is reported. */
export function readById<Row extends { is_deleted: boolean }>(
  link: ItemReader,
  entities: Map<number, Row>,
): Row | undefined {
  if (!link.has("id")) return link.fail("FieldMissing", "id");
  const id = link.choice("id", (candidate) => entities.get(candidate)?.is_deleted === false);
  return id === undefined ? undefined : entities.get(id);
}
