import type { AccountAccess, Asked } from "../../amocrm/access.ts";
import { allPages, type Collection, type CustomField, type Pipeline, type User } from "../../amocrm/api.ts";

/** What an account has to choose from. Each list is asked for once, when it is first needed. */
export interface Catalog {
  pipelines(): Promise<Asked<Pipeline[]>>;
  users(): Promise<Asked<User[]>>;
  fields(collection: Collection): Promise<Asked<CustomField[]>>;
  /** Asks again for the fields, after one may have been made. */
  reloadFields(collection: Collection): Promise<Asked<CustomField[]>>;
}

/** Of a list that was not read to its end nobody may say that something is not on it. */
const unlisted = (reason: string) => ({ ok: false as const, reason, failed: null });

/** A catalog over the account; pages are read until amoCRM tells of no further one. */
export function createCatalog(account: AccountAccess): Catalog {
  const known = new Map<string, Promise<unknown>>();
  function once<T>(name: string, load: () => Promise<T>): Promise<T> {
    const loading = (known.get(name) as Promise<T> | undefined) ?? load();
    known.set(name, loading);
    return loading;
  }
  const loadFields = (collection: Collection) =>
    allPages((page) => account.ask((client) => client.customFields(collection, page)), unlisted);

  return {
    pipelines: () => once("pipelines", () => account.ask((client) => client.pipelines())),
    users: () =>
      once("users", () => allPages((page) => account.ask((client) => client.users(page)), unlisted)),
    fields: (collection) => once(collection, () => loadFields(collection)),
    reloadFields(collection) {
      known.delete(collection);
      return once(collection, () => loadFields(collection));
    },
  };
}
