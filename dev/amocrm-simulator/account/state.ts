import {
  presentCompany,
  presentContact,
  presentDeal,
  presentField,
  presentNote,
  presentPipeline,
  presentTask,
} from "../routes/present.ts";
import type { EntityKind } from "./models.ts";
import type { AccountStore } from "./store.ts";

export type ShownContact = ReturnType<typeof presentContact>;
export type ShownDeal = ReturnType<typeof presentDeal>;
export type ShownNote = ReturnType<typeof presentNote> & { entity_type: EntityKind };
export type ShownTask = ReturnType<typeof presentTask>;

/** The parts of the account a test or an onlooker may ask for. */
export const STATE_PARTS = [
  "contacts",
  "deals",
  "companies",
  "notes",
  "tasks",
  "pipelines",
  "fields",
  "users",
  "tags",
  "events",
] as const;

export type StatePart = (typeof STATE_PARTS)[number];

/** A look into the account that costs no request; everything comes as fresh plain objects in the API's shape. */
export class AccountState {
  readonly #store: () => AccountStore;

  constructor(store: () => AccountStore) {
    this.#store = store;
  }

  /** How many of each there are; deleted ones are counted apart. */
  counts() {
    const store = this.#store();
    const living = (rows: Iterable<{ is_deleted: boolean }>) =>
      [...rows].filter((row) => !row.is_deleted).length;
    const contacts = living(store.contacts.values());
    const deals = living(store.deals.values());
    return {
      contacts,
      deals,
      companies: living(store.companies.values()),
      notes: store.notes.size,
      tasks: store.tasks.size,
      events: store.events.length,
      deleted_contacts: store.contacts.size - contacts,
      deleted_deals: store.deals.size - deals,
    };
  }

  /** Contacts with their deals. */
  contacts(): ShownContact[] {
    const store = this.#store();
    const view = { origin: "", with: new Set(["leads"]) };
    return [...store.contacts.values()].map((contact) => presentContact(store, contact, view));
  }

  /** Deals with their contacts. */
  deals(): ShownDeal[] {
    const store = this.#store();
    const view = { origin: "", with: new Set(["contacts", "source_id"]) };
    return [...store.deals.values()].map((deal) => presentDeal(store, deal, view));
  }

  part(name: StatePart): unknown {
    const store = this.#store();
    const view = { origin: "", with: new Set<string>() };
    switch (name) {
      case "contacts":
        return this.contacts();
      case "deals":
        return this.deals();
      case "companies":
        return [...store.companies.values()].map((company) => presentCompany(store, company, view));
      case "notes":
        return this.notes();
      case "tasks":
        return this.tasks();
      case "pipelines":
        return store.seed.pipelines.map((pipeline) => presentPipeline(store, pipeline, view));
      case "fields":
        return store.seed.fields.map((field) => presentField(store, field, view));
      case "users":
        return structuredClone(store.seed.users);
      case "tags":
        return Object.fromEntries(
          Object.entries(store.tags).map(([kind, tags]) => [kind, [...tags.values()]]),
        );
      case "events":
        return structuredClone(store.events);
    }
  }

  /** Notes, each with the kind of its entity beside the API's members. */
  notes(): ShownNote[] {
    const store = this.#store();
    const view = { origin: "", with: new Set<string>() };
    return [...store.notes.values()].map((note) => ({
      entity_type: note.entity_kind,
      ...presentNote(store, note, view),
    }));
  }

  tasks(): ShownTask[] {
    const store = this.#store();
    const view = { origin: "", with: new Set<string>() };
    return [...store.tasks.values()].map((task) => presentTask(store, task, view));
  }
}
