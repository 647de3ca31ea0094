import type { z } from "zod";
import { createdDealsWithContacts, createdIn, updatedIn } from "./batch-answers.ts";
import {
  contactBody,
  contactChangeBody,
  customFieldBody,
  dealBody,
  dealChangeBody,
  dealWithContactBody,
  type Json,
  noteBody,
  taskBody,
} from "./bodies.ts";
import { call } from "./call.ts";
import type { AmocrmWrites } from "./client-port.ts";
import type { Item } from "./drafts.ts";
import { BATCH_SIZE_MAX, BATCH_TIMEOUT_MS, COMPLEX_BATCH_SIZE_MAX, SINGLE_TIMEOUT_MS } from "./limits.ts";
import type { AmocrmRequest, Transport } from "./transport.ts";
import type { Answer } from "./verdict.ts";

/** What is particular to one kind of batch. */
interface Batch<I extends Item, T> {
  method: "POST" | "PATCH";
  path: string;
  purpose: string;
  body: (item: I) => Json;
  schema: (items: readonly I[], requestIds: readonly string[]) => z.ZodType<T>;
  sizeMax?: number;
}

/** The writing half of the client. */
export function createWrites(transport: Transport): AmocrmWrites {
  const write = <I extends Item, T>(items: readonly I[], batch: Batch<I, T>): Promise<Answer<T>> => {
    const request = requestOf(items, batch);
    return call(transport, request, { schema: batch.schema(items, request.requestIds) });
  };

  return {
    createDealsWithContacts: (items) =>
      write(items, {
        method: "POST",
        path: "/api/v4/leads/complex",
        purpose: "create_deals_with_contacts",
        body: dealWithContactBody,
        schema: (_, requestIds) => createdDealsWithContacts(requestIds),
        sizeMax: COMPLEX_BATCH_SIZE_MAX,
      }),
    createDeals: (items) =>
      write(items, {
        method: "POST",
        path: "/api/v4/leads",
        purpose: "create_deals",
        body: dealBody,
        schema: (_, requestIds) => createdIn("leads", requestIds, (dealId) => ({ dealId })),
      }),
    createContacts: (items) =>
      write(items, {
        method: "POST",
        path: "/api/v4/contacts",
        purpose: "create_contacts",
        body: contactBody,
        schema: (_, requestIds) => createdIn("contacts", requestIds, (contactId) => ({ contactId })),
      }),
    updateDeals: (items) =>
      write(items, {
        method: "PATCH",
        path: "/api/v4/leads",
        purpose: "update_deals",
        body: dealChangeBody,
        schema: (changes) =>
          updatedIn(
            "leads",
            changes.map(({ id }) => id),
          ),
      }),
    updateContacts: (items) =>
      write(items, {
        method: "PATCH",
        path: "/api/v4/contacts",
        purpose: "update_contacts",
        body: contactChangeBody,
        schema: (changes) =>
          updatedIn(
            "contacts",
            changes.map(({ id }) => id),
          ),
      }),
    createNotes: (collection, items) =>
      write(items, {
        method: "POST",
        path: `/api/v4/${collection}/notes`,
        purpose: "create_notes",
        body: noteBody,
        schema: (_, requestIds) => createdIn("notes", requestIds, (noteId) => ({ noteId })),
      }),
    createTasks: (items) =>
      write(items, {
        method: "POST",
        path: "/api/v4/tasks",
        purpose: "create_tasks",
        body: taskBody,
        schema: (_, requestIds) => createdIn("tasks", requestIds, (taskId) => ({ taskId })),
      }),
    createCustomFields: (collection, items) =>
      write(items, {
        method: "POST",
        path: `/api/v4/${collection}/custom_fields`,
        purpose: "create_custom_fields",
        body: customFieldBody,
        schema: (_, requestIds) => createdIn("custom_fields", requestIds, (fieldId) => ({ fieldId })),
      }),
  };
}

function requestOf<I extends Item, T>(items: readonly I[], batch: Batch<I, T>): AmocrmRequest {
  const requestIds = items.map(({ requestId }) => requestId);
  checkBatch(requestIds, batch.purpose, batch.sizeMax ?? BATCH_SIZE_MAX);
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

function checkBatch(requestIds: readonly string[], purpose: string, sizeMax: number): void {
  if (requestIds.length === 0 || requestIds.length > sizeMax) {
    throw new RangeError(`Cannot ${purpose}: ${requestIds.length} items, expected 1 to ${sizeMax}`);
  }
  if (new Set(requestIds).size !== requestIds.length) {
    throw new RangeError(
      `Cannot ${purpose}: two items share a request id, so their answers could not be told apart`,
    );
  }
}
