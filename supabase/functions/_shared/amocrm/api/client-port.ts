import type {
  ContactChange,
  Created,
  DealChange,
  NewContact,
  NewCustomField,
  NewDeal,
  NewDealWithContact,
  NewNote,
  NewTask,
  Updated,
} from "./drafts.ts";
import type {
  Account,
  ChangeOrder,
  Collection,
  Contact,
  CustomField,
  Deal,
  FilteredPage,
  Note,
  Page,
  Pipeline,
  Task,
  User,
} from "./entities.ts";
import type { Answer } from "./verdict.ts";
import type { Webhook } from "./webhook-requests.ts";

/** The reading half: each method is one GET. Page numbers start at 1; a page holds up to 250 rows. */
export interface AmocrmReads {
  account(): Promise<Answer<Account>>;
  pipelines(): Promise<Answer<Pipeline[]>>;
  customFields(collection: Collection, page: number): Promise<Answer<Page<CustomField>>>;
  users(page: number): Promise<Answer<Page<User>>>;
  /** Full-text search: hits are candidates only, `matchContact` verifies them. */
  searchContacts(query: string): Promise<Answer<Page<Contact>>>;
  /** Up to 150 contacts by id, with the ids of their deals. */
  readContacts(ids: readonly number[]): Promise<Answer<FilteredPage<Contact>>>;
  /** Null when amoCRM knows no such contact. */
  readContact(id: number): Promise<Answer<Contact | null>>;
  /** Up to 150 deals by id, with the ids of their contacts. */
  readDeals(ids: readonly number[]): Promise<Answer<FilteredPage<Deal>>>;
  /** Null when amoCRM knows no such deal. */
  readDeal(id: number): Promise<Answer<Deal | null>>;
  /**
   * Deals created at or after the second given, newest first, with the ids of their contacts. Complete once
   * `hasMore` is false, also on an account that ignores the filter: only `hasMore` leaves anything open.
   */
  dealsCreatedSince(fromUnixSeconds: number, page: number): Promise<Answer<FilteredPage<Deal>>>;
  /**
   * Contacts changed at or after the second given, with the ids of their deals. Latest change first, unless told
   * otherwise, and complete like the above; by id only where the filter is not ignored.
   */
  contactsChangedSince(
    fromUnixSeconds: number,
    page: number,
    order?: ChangeOrder,
    limit?: number,
  ): Promise<Answer<FilteredPage<Contact>>>;
  /** The same for deals, with the ids of their contacts. */
  dealsChangedSince(
    fromUnixSeconds: number,
    page: number,
    order?: ChangeOrder,
    limit?: number,
  ): Promise<Answer<FilteredPage<Deal>>>;
  /** A page of all contacts, oldest id first, with the ids of their deals. */
  contactsPage(page: number, limit?: number): Promise<Answer<Page<Contact>>>;
  /** A page of all deals, oldest id first, with the ids of their contacts. */
  dealsPage(page: number, limit?: number): Promise<Answer<Page<Deal>>>;
  /** Contacts deleted at or after the second given, latest first, without the ids of their deals; complete like the above. */
  contactsDeletedSince(
    fromUnixSeconds: number,
    page: number,
    limit?: number,
  ): Promise<Answer<FilteredPage<Contact>>>;
  /** The same for deals. */
  dealsDeletedSince(
    fromUnixSeconds: number,
    page: number,
    limit?: number,
  ): Promise<Answer<FilteredPage<Deal>>>;
  /** Plain notes of up to 150 contacts or deals, the latest changed first. */
  listNotes(
    collection: Collection,
    entityIds: readonly number[],
    page?: number,
  ): Promise<Answer<FilteredPage<Note>>>;
  /** Plain notes of one contact or deal by its own address, which takes no filter that could be ignored. */
  listNotesOf(collection: Collection, entityId: number, page: number): Promise<Answer<FilteredPage<Note>>>;
  /** Tasks of up to 150 contacts or deals, the latest made first. */
  listTasks(
    collection: Collection,
    entityIds: readonly number[],
    page?: number,
  ): Promise<Answer<FilteredPage<Task>>>;
}

/** The webhooks of the account, which only administrators may manage; other integrations' are among them. */
export interface AmocrmHooks {
  webhooks(): Promise<Answer<Webhook[]>>;
  subscribeWebhook(destination: string, events: readonly string[]): Promise<Answer<null>>;
  unsubscribeWebhook(destination: string): Promise<Answer<null>>;
}

/** The writing half: each method is one POST or PATCH. An empty or over-long batch rejects with a RangeError. */
export interface AmocrmWrites {
  /** Up to 50 deals, each with its new contact, in one call. */
  createDealsWithContacts(
    items: readonly NewDealWithContact[],
  ): Promise<Answer<Created<{ dealId: number; contactId: number | null; isMerged: boolean }>>>;
  createDeals(items: readonly NewDeal[]): Promise<Answer<Created<{ dealId: number }>>>;
  createContacts(items: readonly NewContact[]): Promise<Answer<Created<{ contactId: number }>>>;
  updateDeals(items: readonly DealChange[]): Promise<Answer<Updated>>;
  updateContacts(items: readonly ContactChange[]): Promise<Answer<Updated>>;
  createNotes(
    collection: Collection,
    items: readonly NewNote[],
  ): Promise<Answer<Created<{ noteId: number }>>>;
  createTasks(items: readonly NewTask[]): Promise<Answer<Created<{ taskId: number }>>>;
  createCustomFields(
    collection: Collection,
    items: readonly NewCustomField[],
  ): Promise<Answer<Created<{ fieldId: number }>>>;
}

/** Port: everything that we ask of amoCRM. */
export interface AmocrmClient extends AmocrmReads, AmocrmWrites, AmocrmHooks {}
