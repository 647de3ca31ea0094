import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { makePlan } from "./plan.ts";
import { openQueueDatabase } from "./queue-database.ts";
import { brokenDigest, digestOf } from "./report.ts";
import { simulate } from "./simulate.ts";

/** A thread of `main.ts`: runs the seeds that it is handed, in a database of its own, until there are no more. */
const { url, isPlain, withTrace } = z
  .object({ url: z.string(), isPlain: z.boolean(), withTrace: z.boolean() })
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
      await simulate(database, makePlan(seed, { isPlain })).then(
        (result) => digestOf(result, { withTrace }),
        (error: unknown) => brokenDigest(seed, isPlain, error),
      ),
    );
  })();
});
port.postMessage("ready");
