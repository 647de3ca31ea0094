import { afterAll } from "vitest";
import { openDatabase } from "../../database/support/database.ts";
import { MIGRATED_TEMPLATE } from "../../database/support/server.ts";
import { openQueueDatabase, type QueueDatabase } from "./queue-database.ts";

/** A migrated database of this file's own, for one run after the other. */
export async function useQueueDatabase(): Promise<QueueDatabase> {
  const database = await openDatabase(MIGRATED_TEMPLATE);
  const queue = await openQueueDatabase(database.url("supabase_admin"));
  afterAll(async () => {
    await queue.close();
    await database.drop();
  });
  return queue;
}
