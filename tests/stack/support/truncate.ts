import type postgres from "postgres";
import { waitFor } from "#dev/stack/wait.ts";

/**
 * Empties tables and what refers to them while cron and the functions are at work. Whoever waits for one table while he holds
 * another may be in a deadlock, and be the one who is picked to end it: so this gives up soon, and tries again.
 */
export async function truncate(sql: postgres.Sql, ...tables: string[]): Promise<void> {
  await waitFor(`${tables.join(", ")} to be free for a moment`, async () => {
    await sql.begin(async (transaction) => {
      await transaction`set local lock_timeout = '100ms'`;
      await transaction`truncate ${transaction(tables)} cascade`;
    });
    return true;
  });
}
