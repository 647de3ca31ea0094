import type { AmocrmClient } from "../amocrm/client-port.ts";
import type { Collection, CustomField, Page, Pipeline, User } from "../amocrm/entities.ts";
import type { Answer } from "../amocrm/verdict.ts";
import type { AccountAccess, Asked } from "./port.ts";

/** Pages of 250 rows; an account with more users or fields than this is not known to exist. */
const MOST_PAGES = 20;

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
    readPages(account, (client, page) => client.customFields(collection, page));

  return {
    pipelines: () => once("pipelines", () => account.ask((client) => client.pipelines())),
    users: () => once("users", () => readPages(account, (client, page) => client.users(page))),
    fields: (collection) => once(collection, () => loadFields(collection)),
    reloadFields(collection) {
      known.delete(collection);
      return once(collection, () => loadFields(collection));
    },
  };
}

async function readPages<T>(
  account: AccountAccess,
  read: (client: AmocrmClient, page: number) => Promise<Answer<Page<T>>>,
): Promise<Asked<T[]>> {
  const rows: T[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const asked = await account.ask((client) => read(client, page));
    if (!asked.ok) return asked;
    rows.push(...asked.value.rows);
    if (!asked.value.hasMore) break;
  }
  return { ok: true, value: rows };
}
