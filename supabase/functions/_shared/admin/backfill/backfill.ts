import type { BackfillEstimate, BackfillStarted } from "../answer.ts";
import type { AdminPorts } from "../port.ts";
import type { BackfillRequest } from "../request.ts";

/** Rows enqueued in one transaction: it holds the queue's lock, and a live lead's claim must not wait for long. */
const ROWS_PER_TRANSACTION = 1000;

/** Tells what a backfill would come to, or enqueues it. Sending is the drain's, behind live leads. */
export async function backfill(
  { mode, table, since, limit }: BackfillRequest,
  { store }: Pick<AdminPorts, "store">,
): Promise<BackfillEstimate | BackfillStarted> {
  if (mode === "estimate") return store.estimateBackfill({ table, since, limit });
  let enqueuedCount = 0;
  while (enqueuedCount < limit) {
    const size = Math.min(ROWS_PER_TRANSACTION, limit - enqueuedCount);
    const count = await store.enqueueBackfill({ table, since, limit: size });
    enqueuedCount += count;
    if (count < size) break;
  }
  return { enqueued_count: enqueuedCount };
}
