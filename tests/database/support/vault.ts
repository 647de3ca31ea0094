import type { Session } from "./database.ts";

export const FUNCTIONS_URL = "http://127.0.0.1:54321/functions/v1";

/** Puts the URL and the key into Vault, as `npm run amocrm -- setup` does; without them nothing is posted. */
export async function configureVault(sql: Session): Promise<void> {
  await sql`select vault.create_secret(${FUNCTIONS_URL}, 'amocrm_functions_url')`;
  await sql`select vault.create_secret('sb_secret_test', 'amocrm_cron_key')`;
}

export interface QueuedPost {
  url: string;
  headers: Record<string, string>;
}

/** What waits for pg_net's worker, which does not run here. */
export async function queuedPosts(sql: Session): Promise<QueuedPost[]> {
  return await sql<QueuedPost[]>`select url, headers from net.http_request_queue order by id`;
}
