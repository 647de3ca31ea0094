import { allPages } from "../amocrm/all-pages.ts";
import type { Collection, CustomField, Pipeline, User } from "../amocrm/entities.ts";
import type { AccountAccess, Asked } from "./port.ts";

/** What an account has to choose from. Each list is asked for once, when it is first needed. */
export interface Catalog {
  pipelines(): Promise<Asked<Pipeline[]>>;
  users(): Promise<Asked<User[]>>;
  fields(collection: Collection): Promise<Asked<CustomField[]>>;
  /** Asks again for the fields, after one may have been made. */
  reloadFields(collection: Collection): Promise<Asked<CustomField[]>>;
}

/** A catalog over the account; pages are read until amoCRM tells of no further one. */
export function createCatalog(account: AccountAccess): Catalog {
  const known = new Map<string, Promise<unknown>>();
  function once<T>(name: string, load: () => Promise<T>): Promise<T> {
    const loading = (known.get(name) as Promise<T> | undefined) ?? load();
    known.set(name, loading);
    return loading;
  }
  const loadFields = (collection: Collection) =>
    allPages((page) => account.ask((client) => client.customFields(collection, page)));

  return {
    pipelines: () => once("pipelines", () => account.ask((client) => client.pipelines())),
    users: () => once("users", () => allPages((page) => account.ask((client) => client.users(page)))),
    fields: (collection) => once(collection, () => loadFields(collection)),
    reloadFields(collection) {
      known.delete(collection);
      return once(collection, () => loadFields(collection));
    },
  };
}
