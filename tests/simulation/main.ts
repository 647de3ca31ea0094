import path from "node:path";
import { parseArgs } from "node:util";
import { migrate } from "../../dev/stack/migrate.ts";
import { startPostgres } from "../../dev/stack/postgres.ts";
import { MUTANTS } from "./mutants.ts";
import { openQueueDatabase, type QueueDatabase } from "./queue-database.ts";
import { summary, tellViolation } from "./report.ts";
import { type RunResult, simulate } from "./simulate.ts";

/**
 * `npm run test:simulation -- --seed N --runs M`: M runs from seed N on, up to the first that fails, which is told in
 * full. With --trace every run is told, with --keep-going all are run, with --mutants each deliberate mistake is tried
 * in up to M runs.
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "1000" },
    trace: { type: "boolean", default: false },
    "keep-going": { type: "boolean", default: false },
    mutants: { type: "boolean", default: false },
  },
});
const firstSeed = Number(values.seed);
const runCount = Number(values.runs);
if (!Number.isSafeInteger(firstSeed) || !Number.isSafeInteger(runCount) || runCount < 1) {
  throw new Error("--seed and --runs must be whole numbers");
}

/** For each mutant the number of runs until one noticed it; tells how many were not noticed. */
async function tryMutants(queue: QueueDatabase): Promise<number> {
  let missedCount = 0;
  for (const mutant of MUTANTS) {
    const restore = await queue.breakFunctions(mutant.sql ?? []);
    let noticed: string | undefined;
    let seed = firstSeed;
    for (; noticed === undefined && seed < firstSeed + runCount; seed++) {
      [noticed] = (await simulate(queue, seed, mutant)).record.violations;
    }
    await restore();
    if (noticed === undefined) missedCount += 1;
    console.log(
      `${mutant.name}: ${noticed === undefined ? "NOT NOTICED" : `run ${seed - firstSeed}: ${noticed}`}`,
    );
  }
  return missedCount;
}

const server = await startPostgres();
await migrate(server.url(), path.join(import.meta.dirname, "../../supabase/migrations"));
const database = await openQueueDatabase(server.url("supabase_admin"));
const startedAtMs = performance.now();
const results: RunResult[] = [];
let failedCount = 0;
try {
  if (values.mutants) failedCount = await tryMutants(database);
  for (let seed = firstSeed; !values.mutants && seed < firstSeed + runCount; seed++) {
    const result = await simulate(database, seed);
    results.push(result);
    const isBroken = result.record.violations.length > 0;
    if (isBroken) failedCount += 1;
    if (isBroken || values.trace)
      console.log(tellViolation(result, { withTrace: values.trace || !values["keep-going"] }));
    if (isBroken && !values["keep-going"]) break;
  }
  if (!values.mutants) console.log(summary(results, performance.now() - startedAtMs));
} finally {
  await database.close();
  await server.stop();
}
process.exitCode = failedCount === 0 ? 0 : 1;
