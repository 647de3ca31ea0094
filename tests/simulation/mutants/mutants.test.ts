import { describe, expect, test } from "vitest";
import { makePlan } from "../world/plan.ts";
import { firstViolation } from "../world/simulate.ts";
import { useQueueDatabase } from "../world/support.ts";
import { MUTANTS } from "./mutants.ts";

const database = await useQueueDatabase();

const MAX_RUNS = 200;

describe("the simulation notices that", () => {
  test.each(MUTANTS)("$name", { timeout: 300_000 }, async (mutant) => {
    const restore = await database.breakFunctions(mutant.sql ?? []);
    try {
      const { caughtBy, world = "mild" } = mutant;
      const known = makePlan(caughtBy, { isPlain: world === "plain", isMild: world === "mild" });
      let noticed = await firstViolation(database, known, mutant);
      for (let seed = 1; noticed === undefined && seed <= MAX_RUNS; seed++) {
        noticed = await firstViolation(database, makePlan(seed), mutant);
      }
      expect(noticed).toBeDefined();
    } finally {
      await restore();
    }
  });
});
