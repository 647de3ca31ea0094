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
      const others = Array.from({ length: MAX_RUNS }, (_, index) => makePlan(index + 1));
      const isMild = mutant.isHarsh !== true;
      const caught = [isMild, !isMild].map((mild) => makePlan(mutant.caughtBy, { isMild: mild }));
      const plans = [...caught, ...others];
      let noticed: string | undefined;
      for (const plan of plans) {
        noticed = await firstViolation(database, plan, mutant);
        if (noticed !== undefined) break;
      }
      expect(noticed).toBeDefined();
    } finally {
      await restore();
    }
  });
});
