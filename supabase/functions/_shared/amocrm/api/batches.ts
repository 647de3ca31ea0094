import type { z } from "zod";
import {
  BATCH_SIZE_MAX,
  BATCH_TIMEOUT_MS,
  COMPLEX_BATCH_SIZE_MAX,
  SINGLE_TIMEOUT_MS,
} from "../rules/limits.ts";
import { createdDealsWithContacts, createdIn, updatedIn } from "./batch-answers.ts";
import * as bodies from "./bodies.ts";
import type {
  ContactChange,
  Created,
  DealChange,
  Item,
  NewContact,
  NewCustomField,
  NewDeal,
  NewDealWithContact,
  NewNote,
  NewTask,
  Updated,
} from "./drafts.ts";
import type { Collection } from "./entities.ts";
import type { AmocrmRequest } from "./transport.ts";

/** One kind of batch: where it goes, how an item reads, and how the answer to its items does. */
export interface Batch<I extends Item, T> {
  method: "POST" | "PATCH";
  path: string;
  purpose: string;
  body: (item: I) => bodies.Json;
  answer: (items: readonly I[]) => z.ZodType<T>;
  sizeMax?: number;
}

/** Deals, each with its new contact; one call makes and links both. */
export const newDealsWithContacts: Batch<
  NewDealWithContact,
  Created<{ dealId: number; contactId: number | null; isMerged: boolean }>
> = {
  method: "POST",
  path: "/api/v4/leads/complex",
  purpose: "create_deals_with_contacts",
  body: bodies.dealWithContactBody,
  answer: (items) => createdDealsWithContacts(requestIdsOf(items)),
  sizeMax: COMPLEX_BATCH_SIZE_MAX,
};

/** Deals of contacts that exist. */
export const newDeals: Batch<NewDeal, Created<{ dealId: number }>> = {
  method: "POST",
  path: "/api/v4/leads",
  purpose: "create_deals",
  body: bodies.dealBody,
  answer: (items) => createdIn("leads", requestIdsOf(items), (dealId) => ({ dealId })),
};

/** Contacts. amoCRM does not mind a duplicate e-mail or phone, so look first. */
export const newContacts: Batch<NewContact, Created<{ contactId: number }>> = {
  method: "POST",
  path: "/api/v4/contacts",
  purpose: "create_contacts",
  body: bodies.contactBody,
  answer: (items) => createdIn("contacts", requestIdsOf(items), (contactId) => ({ contactId })),
};

/** Changes of deals to absolute values. */
export const dealChanges: Batch<DealChange, Updated> = {
  method: "PATCH",
  path: "/api/v4/leads",
  purpose: "update_deals",
  body: bodies.dealChangeBody,
  answer: (items) =>
    updatedIn(
      "leads",
      items.map(({ id }) => id),
    ),
};

/** Changes of contacts to absolute values. */
export const contactChanges: Batch<ContactChange, Updated> = {
  method: "PATCH",
  path: "/api/v4/contacts",
  purpose: "update_contacts",
  body: bodies.contactChangeBody,
  answer: (items) =>
    updatedIn(
      "contacts",
      items.map(({ id }) => id),
    ),
};

/** Plain notes on contacts or deals. */
export function newNotes(collection: Collection): Batch<NewNote, Created<{ noteId: number }>> {
  return {
    method: "POST",
    path: `/api/v4/${collection}/notes`,
    purpose: "create_notes",
    body: bodies.noteBody,
    answer: (items) => createdIn("notes", requestIdsOf(items), (noteId) => ({ noteId })),
  };
}

/** Tasks for people. */
export const newTasks: Batch<NewTask, Created<{ taskId: number }>> = {
  method: "POST",
  path: "/api/v4/tasks",
  purpose: "create_tasks",
  body: bodies.taskBody,
  answer: (items) => createdIn("tasks", requestIdsOf(items), (taskId) => ({ taskId })),
};

/** Custom fields of contacts or deals. */
export function newCustomFields(collection: Collection): Batch<NewCustomField, Created<{ fieldId: number }>> {
  return {
    method: "POST",
    path: `/api/v4/${collection}/custom_fields`,
    purpose: "create_custom_fields",
    body: bodies.customFieldBody,
    answer: (items) => createdIn("custom_fields", requestIdsOf(items), (fieldId) => ({ fieldId })),
  };
}

/** The request of a batch. Throws a RangeError when amoCRM would refuse its size or its answers could not be joined. */
export function batchRequest<I extends Item, T>(items: readonly I[], batch: Batch<I, T>): AmocrmRequest {
  const requestIds = requestIdsOf(items);
  const sizeMax = batch.sizeMax ?? BATCH_SIZE_MAX;
  if (requestIds.length === 0 || requestIds.length > sizeMax) {
    throw new RangeError(`Cannot ${batch.purpose}: ${requestIds.length} items, expected 1 to ${sizeMax}`);
  }
  if (new Set(requestIds).size !== requestIds.length) {
    throw new RangeError(
      `Cannot ${batch.purpose}: two items share a request id, so answers cannot be told apart`,
    );
  }
  return {
    method: batch.method,
    methodClass: batch.method === "PATCH" ? "set" : "create",
    path: batch.path,
    query: [],
    body: items.map(batch.body),
    requestIds,
    itemCount: items.length,
    timeoutMs: items.length > 1 ? BATCH_TIMEOUT_MS : SINGLE_TIMEOUT_MS,
    purpose: batch.purpose,
  };
}

function requestIdsOf(items: readonly Item[]): string[] {
  return items.map(({ requestId }) => requestId);
}
