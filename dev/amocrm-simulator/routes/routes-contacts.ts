import { isBlank } from "../account/blank.ts";
import type { Contact } from "../account/models.ts";
import type { World } from "../account/world.ts";
import { createContact, updateContact } from "../account/write-contact.ts";
import type { Answer } from "../http.ts";
import type { ItemReader } from "../validation/item-reader.ts";
import type { ContactInput } from "../validation/validate-contact.ts";
import { readContact } from "../validation/validate-contact.ts";
import { runBatch } from "./batch.ts";
import type { Call, Route } from "./call.ts";
import { idParam } from "./call.ts";
import { filterContacts } from "./list-filters.ts";
import { listAnswer } from "./list-page.ts";
import { rowsOf } from "./list-rows.ts";
import { patchTargetCheck, pathItem, readTarget } from "./patch-target.ts";
import { presentContact } from "./present.ts";
import { emptyAnswer, halAnswer } from "./problem.ts";
import { branch, withValues } from "./query-tree.ts";

export const contactRoutes: Route[] = [
  { method: "GET", pattern: "/api/v4/contacts", handle: listContacts },
  { method: "POST", pattern: "/api/v4/contacts", handle: addContacts },
  { method: "PATCH", pattern: "/api/v4/contacts", handle: patchContacts },
  { method: "GET", pattern: "/api/v4/contacts/:id", handle: getContact },
  { method: "PATCH", pattern: "/api/v4/contacts/:id", handle: patchContact },
];

function listContacts(world: World, call: Call): Answer {
  const view = { origin: call.url.origin, with: withValues(call.query) };
  const rows = rowsOf(world, call, { kind: "contacts", entities: world.store.contacts });
  return listAnswer(world, call, {
    name: "contacts",
    rows: filterContacts(world, branch(call.query, "filter"), rows),
    orderKeys: ["updated_at", "id"],
    present: (contact) => presentContact(world.store, contact, view),
  });
}

function getContact(world: World, call: Call): Answer {
  const view = { origin: call.url.origin, with: withValues(call.query) };
  const contact = world.store.contacts.get(idParam(call, "id"));
  const isHidden = contact?.is_deleted === true && world.settings.lists.deleted_by_id === "empty";
  if (contact === undefined || isHidden || isBlank(world, "contacts", contact.id)) return emptyAnswer();
  return halAnswer(presentContact(world.store, contact, view));
}

function addContacts(world: World, call: Call): Answer {
  const { origin } = call.url;
  return runBatch(world, call, {
    max: world.settings.writes.batch_max,
    read: (item) => readContact(world, item, world.settings.writes.fields_max),
    write: (input, requestId) => ({
      id: createContact(world, input, call.userId).id,
      request_id: requestId,
    }),
    answer: (written) =>
      halAnswer({
        _links: { self: { href: `${origin}/api/v4/contacts` } },
        _embedded: { contacts: written.map((item) => ({ ...item, _links: contactLink(origin, item.id) })) },
      }),
  });
}

interface Change {
  contact: Contact | undefined;
  input: ContactInput;
}

function readChange(world: World, item: ItemReader): Change {
  const contact = readTarget(world, item, world.store.contacts);
  return { contact, input: readContact(world, item, world.settings.writes.fields_max) };
}

function writeChange(world: World, call: Call, change: Change): Record<string, unknown> {
  const { contact, input } = change;
  if (contact === undefined) throw new Error("A change without a contact got past validation.");
  updateContact(world, contact, { input, userId: call.userId });
  return {
    id: contact.id,
    name: contact.name,
    updated_at: contact.updated_at,
    _links: contactLink(call.url.origin, contact.id),
  };
}

function patchContacts(world: World, call: Call): Answer {
  return runBatch(world, call, {
    max: world.settings.writes.batch_max,
    precheck: patchTargetCheck(world, world.store.contacts),
    read: (item) => readChange(world, item),
    write: (change) => writeChange(world, call, change),
    answer: (written) =>
      halAnswer({
        _links: { self: { href: `${call.url.origin}/api/v4/contacts` } },
        _embedded: { contacts: written },
      }),
  });
}

function patchContact(world: World, call: Call): Answer {
  return runBatch(world, pathItem(call), {
    max: 1,
    precheck: patchTargetCheck(world, world.store.contacts),
    read: (item) => readChange(world, item),
    write: (change) => writeChange(world, call, change),
    answer: ([written]) => halAnswer(written),
  });
}

function contactLink(origin: string, id: number): { self: { href: string } } {
  return { self: { href: `${origin}/api/v4/contacts/${id}` } };
}
