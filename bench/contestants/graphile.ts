import { type Job, makeWorkerUtils } from "graphile-worker";
import { connect } from "../bench-server.ts";
import { bloatOf } from "./bloat.ts";
import type { Contestant } from "./contestant.ts";

/** The parts of graphile-worker that its workers call; its package does not export them, so they are loaded by file. */
interface Internals {
  getUtilsAndReleasersFromOptions(options: object): Promise<[Compiled, () => Promise<void>]>;
  batchGetJobs(
    compiled: Compiled,
    withPgClient: unknown,
    tasks: object,
    poolId: string,
    flags: null,
    size: number,
  ): Promise<Job[]>;
  batchCompleteJobs(compiled: Compiled, withPgClient: unknown, poolId: string, jobs: Job[]): Promise<void>;
  returnJobs(compiled: Compiled, withPgClient: unknown, poolId: string, jobs: Job[]): Promise<void>;
}
interface Compiled {
  withPgClient: unknown;
}

const TASKS = { send: () => {} };
const POOL_ID = "bench";
const FILL_SIZE = 20_000;

/** graphile-worker by its own SQL: add_jobs, and what its workers run to get, complete and return jobs in batches. */
export async function openGraphile(url: string): Promise<Contestant> {
  const { getUtilsAndReleasersFromOptions, batchGetJobs, batchCompleteJobs, returnJobs } = await internals();
  const utils = await makeWorkerUtils({ connectionString: url, maxPoolSize: 1 });
  await utils.migrate();
  const sql = connect(url);
  const [compiled, release] = await getUtilsAndReleasersFromOptions({
    connectionString: url,
    maxPoolSize: 1,
    taskList: TASKS,
    noHandleSignals: true,
  });
  let claimed: Job[] = [];
  const add = async (count: number, queueName?: string): Promise<void> => {
    for (let from = 0; from < count; from += FILL_SIZE) {
      const size = Math.min(FILL_SIZE, count - from);
      await utils.addJobs(
        Array.from({ length: size }, (_, n) => ({
          identifier: "send",
          payload: { n: from + n },
          ...(queueName === undefined ? {} : { queueName }),
        })),
      );
    }
  };
  return {
    name: "graphile-worker",
    async empty() {
      await sql`truncate graphile_worker._private_jobs, graphile_worker._private_job_queues restart identity cascade`;
    },
    fill: (count) => add(count),
    async fillStuck(count) {
      // A named queue is how it keeps order; one of its jobs is being run, so the queue is locked.
      await add(count, "stuck person");
      await sql`update graphile_worker._private_job_queues set locked_at = now(), locked_by = 'another worker'`;
    },
    async settleDown() {
      await sql`vacuum analyze graphile_worker._private_jobs`;
    },
    enqueue: (count) => add(count),
    async claim(size) {
      const jobs = await batchGetJobs(compiled, compiled.withPgClient, TASKS, POOL_ID, null, size);
      claimed.push(...jobs);
      return jobs.length;
    },
    async giveBack() {
      await returnJobs(compiled, compiled.withPgClient, POOL_ID, claimed);
      claimed = [];
    },
    async complete() {
      await batchCompleteJobs(compiled, compiled.withPgClient, POOL_ID, claimed);
      claimed = [];
    },
    bloat: () => bloatOf(sql, "graphile_worker", "_private_jobs"),
    async close() {
      await release();
      await utils.release();
      await sql.end();
    },
  };
}

async function internals(): Promise<Internals> {
  const entry = import.meta.resolve("graphile-worker");
  const load = async (file: string): Promise<object> => (await import(new URL(file, entry).href)) as object;
  const [lib, get, complete, back] = await Promise.all([
    load("./lib.js"),
    load("./sql/getJobs.js"),
    load("./sql/completeJobs.js"),
    load("./sql/returnJobs.js"),
  ]);
  return { ...lib, ...get, ...complete, ...back } as Internals;
}
