import { PgBoss } from "pg-boss";
import { connect } from "../bench-server.ts";
import { bloatOf } from "./bloat.ts";
import type { Contestant } from "./contestant.ts";

const QUEUE = "send";
const FILL_SIZE = 20_000;

/** How a pg-boss queue is set up: as it comes, or with its strict order per key. */
export type BossPolicy = "standard" | "key_strict_fifo";

/**
 * pg-boss by its public API: insert, fetch, complete. Its sort options are not used: an index answers the default order
 * (job_i11), and this version calls them deprecated.
 */
export async function openPgBoss(url: string, policy: BossPolicy = "standard"): Promise<Contestant> {
  const boss = new PgBoss({ connectionString: url, max: 2, supervise: false, schedule: false });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  await boss.createQueue(QUEUE, { policy });
  const sql = connect(url);
  let claimed: string[] = [];
  let ordinal = 0;
  const add = async (count: number, key?: string): Promise<void> => {
    for (let from = 0; from < count; from += FILL_SIZE) {
      const size = Math.min(FILL_SIZE, count - from);
      const jobs = Array.from({ length: size }, () => {
        ordinal += 1;
        const singletonKey = key ?? `p${ordinal}`;
        return { data: { n: ordinal }, ...(policy === "standard" ? {} : { singletonKey }) };
      });
      await boss.insert(QUEUE, jobs);
    }
  };
  return {
    name: policy === "standard" ? "pg-boss" : "pg-boss key_strict_fifo",
    async empty() {
      await sql`truncate pgboss.job cascade`;
    },
    fill: (count) => add(count),
    async fillStuck(count) {
      await add(1, "stuck person");
      // The first job of the key is at work; the others of the key must wait for it.
      await boss.fetch(QUEUE, { batchSize: 1 });
      await add(count, "stuck person");
    },
    async settleDown() {
      await sql`vacuum analyze pgboss.job`;
    },
    enqueue: (count) => add(count),
    async claim(size) {
      const jobs = await boss.fetch(QUEUE, { batchSize: size });
      claimed.push(...jobs.map(({ id }) => id));
      return jobs.length;
    },
    async giveBack() {
      await sql`update pgboss.job set state = 'created', started_on = null, retry_count = 0 where id = any(${claimed}::uuid[])`;
      claimed = [];
    },
    async complete() {
      await boss.complete(QUEUE, claimed);
      claimed = [];
    },
    bloat: () => bloatOf(sql, "pgboss", "j%"),
    async close() {
      await boss.stop({ graceful: false });
      await sql.end();
    },
  };
}
