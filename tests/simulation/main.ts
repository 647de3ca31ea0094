import path from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import postgres from "postgres";
import { migrate } from "#dev/stack/migrate.ts";
import { type Postgres, startPostgres } from "#dev/stack/postgres.ts";
import { type RunDigest, summary, tellViolation } from "./checks/report.ts";
import { MUTANTS } from "./mutants/mutants.ts";
import { makeSessionPlan } from "./people/sessions.ts";
import { makePlan } from "./world/plan.ts";
import { openQueueDatabase } from "./world/queue-database.ts";
import { firstViolation, simulate } from "./world/simulate.ts";

/**
 * `npm run test:simulation -- --seed N --runs M`: M runs from seed N on, up to the first that fails, which is told in
 * full. README.md has the other flags.
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "1000" },
    workers: { type: "string" },
    trace: { type: "boolean", default: false },
    plain: { type: "boolean", default: false },
    sessions: { type: "boolean", default: false },
    "keep-going": { type: "boolean", default: false },
    mutants: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});
const firstSeed = wholeNumber("seed", values.seed);
const runCount = wholeNumber("runs", values.runs);
/** Fewer runs than this are not worth a second thread. */
const MANY_RUNS = 20;
const workerCount = Math.min(
  runCount,
  wholeNumber("workers", values.workers ?? (runCount < MANY_RUNS ? "1" : "2")),
);
const PROGRESS_EVERY = 500;

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} must be a whole number from 1 on`);
  return value;
}

/** All runs on several threads, each with a database; a seed is the same run wherever it falls. */
async function runSeeds(server: Postgres): Promise<RunDigest[]> {
  const digests: RunDigest[] = [];
  let nextSeed = firstSeed;
  let isStopped = false;
  const take = (): number | null => (isStopped || nextSeed >= firstSeed + runCount ? null : nextSeed++);
  const finish = (digest: RunDigest): void => {
    digests.push(digest);
    if (digest.violations.length > 0) {
      console.log(digest.story);
      isStopped ||= !values["keep-going"];
    }
    if (digests.length % PROGRESS_EVERY === 0) console.log(`${digests.length} of ${runCount} runs`);
  };
  await Promise.all(
    Array.from({ length: workerCount }, async (_, index) => {
      const url = await copyOfDatabase(server, `simulation_${index}`);
      const workerData = {
        url,
        isPlain: values.plain,
        isSession: values.sessions,
        withTrace: !values["keep-going"],
      };
      const thread = new Worker(new URL("./runner.ts", import.meta.url), { workerData });
      await new Promise<void>((resolve, reject) => {
        thread.on("message", (message: RunDigest | "ready") => {
          if (message !== "ready") finish(message);
          thread.postMessage(take());
        });
        thread.on("error", reject);
        thread.on("exit", () => resolve());
      });
    }),
  );
  return digests.sort((a, b) => a.seed - b.seed);
}

async function copyOfDatabase(server: Postgres, name: string): Promise<string> {
  const admin = postgres(server.url("supabase_admin", "template1"), { max: 1, onnotice: () => {} });
  await admin.unsafe(`create database ${name} template postgres owner postgres strategy file_copy`);
  await admin.end();
  return server.url("supabase_admin", name);
}

/** For each mutant the number of runs until one noticed it; tells how many were not noticed. */
async function tryMutants(server: Postgres): Promise<number> {
  const queue = await openQueueDatabase(server.url("supabase_admin"));
  let missedCount = 0;
  for (const mutant of MUTANTS.filter(({ name }) => name.includes(values.only))) {
    const restore = await queue.breakFunctions(mutant.sql ?? []);
    let noticed: string | undefined;
    let seed = firstSeed;
    for (; noticed === undefined && seed < firstSeed + runCount; seed++) {
      noticed = await firstViolation(queue, makePlan(seed), mutant);
    }
    await restore();
    if (noticed === undefined) missedCount += 1;
    console.log(
      `${mutant.name}: ${noticed === undefined ? "NOT NOTICED" : `run ${seed - firstSeed}: ${noticed}`}`,
    );
  }
  await queue.close();
  return missedCount;
}

/** Every line of each run, without threads. */
async function traceSeeds(server: Postgres): Promise<number> {
  const queue = await openQueueDatabase(server.url("supabase_admin"));
  let failedCount = 0;
  for (let seed = firstSeed; seed < firstSeed + runCount; seed++) {
    const plan = values.sessions ? makeSessionPlan(seed) : makePlan(seed, { isPlain: values.plain });
    const result = await simulate(queue, plan);
    if (result.record.violations.length > 0) failedCount += 1;
    console.log(result.record.lines().join("\n"));
    if (result.record.violations.length > 0) console.log(tellViolation(result, { withTrace: false }));
  }
  await queue.close();
  return failedCount;
}

const server = await startPostgres();
let failedCount = 0;
try {
  await migrate(server.url(), path.join(import.meta.dirname, "../../supabase/migrations"));
  if (values.mutants) failedCount = await tryMutants(server);
  else if (values.trace) failedCount = await traceSeeds(server);
  else {
    const startedAtMs = performance.now();
    const digests = await runSeeds(server);
    failedCount = digests.filter(({ violations }) => violations.length > 0).length;
    console.log(summary(digests, performance.now() - startedAtMs));
  }
} finally {
  await server.stop();
}
process.exitCode = failedCount === 0 ? 0 : 1;
