import path from "node:path";
import { parseArgs } from "node:util";
import { migrate } from "../../dev/stack/migrate.ts";
import { startPostgres } from "../../dev/stack/postgres.ts";
import { openQueueDatabase } from "./queue-database.ts";
import { summary, tellViolation } from "./report.ts";
import { type RunResult, simulate } from "./simulate.ts";

/** `npm run test:simulation -- --seed N --runs M [--trace]`: M runs from seed N on; a failing one is told in full. */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "1000" },
    trace: { type: "boolean", default: false },
    "keep-going": { type: "boolean", default: false },
  },
});
const firstSeed = Number(values.seed);
const runCount = Number(values.runs);
if (!Number.isSafeInteger(firstSeed) || !Number.isSafeInteger(runCount) || runCount < 1) {
  throw new Error("--seed and --runs must be whole numbers");
}

const server = await startPostgres();
await migrate(server.url(), path.join(import.meta.dirname, "../../supabase/migrations"));
const database = await openQueueDatabase(server.url("supabase_admin"));
const startedAtMs = performance.now();
const results: RunResult[] = [];
let failedCount = 0;
try {
  for (let seed = firstSeed; seed < firstSeed + runCount; seed++) {
    const result = await simulate(database, seed);
    results.push({ ...result, record: result.record });
    const isBroken = result.record.violations.length > 0;
    if (isBroken) failedCount += 1;
    if (isBroken || values.trace)
      console.log(tellViolation(result, { withTrace: values.trace || !values["keep-going"] }));
    if (isBroken && !values["keep-going"]) break;
  }
  console.log(summary(results, performance.now() - startedAtMs));
} finally {
  await database.close();
  await server.stop();
}
process.exitCode = failedCount === 0 ? 0 : 1;
