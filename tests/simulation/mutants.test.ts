import { describe, expect, test } from "vitest";
import { MUTANTS } from "./mutants.ts";
import { makePlan } from "./plan.ts";
import { simulate } from "./simulate.ts";
import { useQueueDatabase } from "./support.ts";

const database = await useQueueDatabase();

const MOST_RUNS = 200;

describe("the simulation notices that", () => {
  test.each(MUTANTS)("$name", { timeout: 300_000 }, async (mutant) => {
    const restore = await database.breakFunctions(mutant.sql ?? []);
    try {
      const seeds = [mutant.caughtBy, ...Array.from({ length: MOST_RUNS }, (_, index) => index + 1)];
      let noticed: string[] = [];
      for (const seed of seeds) {
        noticed = (await simulate(database, makePlan(seed), mutant)).record.violations;
        if (noticed.length > 0) break;
      }
      expect(noticed).not.toEqual([]);
    } finally {
      await restore();
    }
  });
});
