import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { brokenDigest, digestOf } from "./checks/report.ts";
import { makeSessionPlan } from "./people/sessions.ts";
import { makePlan } from "./world/plan.ts";
import { openQueueDatabase } from "./world/queue-database.ts";
import { simulate } from "./world/simulate.ts";

/** A thread of `main.ts`: runs the seeds that it is handed, in a database of its own, until there are no more. */
const { url, isPlain, isSession, withTrace } = z
  .object({ url: z.string(), isPlain: z.boolean(), isSession: z.boolean(), withTrace: z.boolean() })
  .parse(workerData);
const port = parentPort;
if (port === null) throw new Error("runner.ts is started by main.ts");

const database = await openQueueDatabase(url);
port.on("message", (seed: number | null) => {
  void (async () => {
    if (seed === null) {
      await database.close();
      port.close();
      return;
    }
    // One that breaks off is a finding like any other, and the other seeds still have their turn.
    port.postMessage(
      await simulate(database, isSession ? makeSessionPlan(seed) : makePlan(seed, { isPlain })).then(
        (result) => digestOf(result, { withTrace }),
        (error: unknown) => brokenDigest(seed, isPlain, error),
      ),
    );
  })();
});
port.postMessage("ready");
