import { describe, expect, test } from "vitest";
import { seededRandom } from "../../unit/amocrm/support/random.ts";
import { useDatabase } from "../support/database.ts";
import { QueueModel } from "./queue-model.ts";

const database = await useDatabase();

/** To replay a failure: MODEL_SEED=<seed> npx vitest run --project database tests/database/outbox/model.test.ts */
const SEEDS =
  process.env["MODEL_SEED"] === undefined ? [1, 2, 3, 4, 5, 110] : [Number(process.env["MODEL_SEED"])];
const STEPS = 120;

describe("a queue under random inserts, claims, settles, crashes, releases and merges", () => {
  test.each(SEEDS)("keeps its promises at each step and ends empty, seed %i", async (seed) => {
    const model = await QueueModel.start(database, seededRandom(seed));
    for (let step = 1; step <= STEPS; step++) {
      const action = await model.act();
      expect(
        await model.brokenPromises(),
        `seed ${seed}, step ${step}: ${action}\n${model.history.join("\n")}`,
      ).toEqual([]);
    }
    expect(await model.drainToTheEnd(), `seed ${seed}\n${model.history.join("\n")}`).toEqual([]);
  });
});
