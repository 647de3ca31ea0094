import * as batches from "./batches.ts";
import { call } from "./call.ts";
import type { AmocrmWrites } from "./client-port.ts";
import type { Item } from "./drafts.ts";
import type { Transport } from "./transport.ts";
import type { Answer } from "./verdict.ts";

/** The writing half of the client. */
export function createWrites(transport: Transport): AmocrmWrites {
  // Async, so that a batch of an impossible size rejects like everything else that goes wrong.
  const write = async <I extends Item, T>(
    items: readonly I[],
    batch: batches.Batch<I, T>,
  ): Promise<Answer<T>> =>
    call(transport, batches.batchRequest(items, batch), { schema: () => batch.answer(items) });

  return {
    createDealsWithContacts: (items) => write(items, batches.newDealsWithContacts),
    createDeals: (items) => write(items, batches.newDeals),
    createContacts: (items) => write(items, batches.newContacts),
    updateDeals: (items) => write(items, batches.dealChanges),
    updateContacts: (items) => write(items, batches.contactChanges),
    createNotes: (collection, items) => write(items, batches.newNotes(collection)),
    createTasks: (items) => write(items, batches.newTasks),
    createCustomFields: (collection, items) => write(items, batches.newCustomFields(collection)),
  };
}
