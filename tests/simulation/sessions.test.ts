import { describe, expect, test } from "vitest";
import { sized } from "../support/sizes.ts";
import { tellViolation } from "./checks/report.ts";
import { makeSessionPlan } from "./people/sessions.ts";
import { simulate } from "./world/simulate.ts";
import { useQueueDatabase } from "./world/support.ts";

const database = await useQueueDatabase();
const RUNS_IN_A_TEST = 5;
const seeds = Array.from({ length: sized(2, 12) }, (_, index) => 1 + index * RUNS_IN_A_TEST);

describe("leads by a session service whose sessions end, which is killed, and which is asked for a code", () => {
  const troubles = { struck: 0, signIns: 0 };
  const histories = new Map<number, readonly string[]>();

  test.each(seeds)(
    "reach amoCRM exactly once, in order and at the pace, in five runs from seed %i",
    async (seed) => {
      for (let offset = 0; offset < RUNS_IN_A_TEST; offset++) {
        const result = await simulate(database, makeSessionPlan(seed + offset));
        expect(result.record.violations, tellViolation(result, { withTrace: true })).toEqual([]);
        histories.set(seed + offset, result.record.lines());
        troubles.struck += result.record.counts.sessionTroubles;
        troubles.signIns += result.record.counts.signIns;
      }
    },
  );

  test("are the same history again, to the letter", async () => {
    const again = await simulate(database, makeSessionPlan(2));
    expect(again.record.lines()).toEqual(histories.get(2));
  });

  test("met what they were to meet", () => {
    expect(troubles.struck).toBeGreaterThan(seeds.length * RUNS_IN_A_TEST);
    expect(troubles.signIns).toBeGreaterThan(seeds.length * RUNS_IN_A_TEST);
  });
});
