import { migrate } from "/work/main/dev/stack/migrate.ts";
import { startPostgres } from "/work/main/dev/stack/postgres.ts";
import { MUTANTS } from "./mutants.ts";
import { openQueueDatabase } from "./queue-database.ts";
import { simulate } from "./simulate.ts";

const server = await startPostgres();
await migrate(server.url(), "/work/main/supabase/migrations");
const db = await openQueueDatabase(server.url("supabase_admin"));
const only = process.argv[2];
for (const mutant of MUTANTS) {
  if (only && !mutant.name.includes(only)) continue;
  const t0 = performance.now();
  let restore = async () => {};
  try {
    restore = await db.breakFunctions(mutant.sql ?? []);
  } catch (e) {
    console.log(mutant.name, String(e));
    continue;
  }
  let caught = "";
  let seed = 1;
  try {
    for (; seed <= 60; seed++) {
      const r = await simulate(db, seed, mutant);
      if (r.record.violations.length > 0) {
        caught = r.record.violations[0]!;
        break;
      }
    }
  } catch (e) {
    caught = "THROWN " + String(e);
  }
  await restore();
  console.log(
    mutant.name.padEnd(60),
    caught ? `seed ${seed}` : "NOT CAUGHT",
    ((performance.now() - t0) / 1000).toFixed(1) + "s",
    caught.slice(0, 110),
  );
}
await db.close();
await server.stop();
