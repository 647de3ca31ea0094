import { describe, test } from "vitest";
import { sized } from "../support/sizes.ts";
import { describeRuns } from "./checks/run-suite.ts";
import { makePlan } from "./world/plan.ts";
import { useQueueDatabase } from "./world/support.ts";

const database = await useQueueDatabase();
/** Runs that failed since there is a school; as long as plans are drawn as they are, these are the runs in which it was. */
const FOUND_SINCE = [
  5_000_688, 5_001_444, 5_001_835, 5_005_440, 5_006_261, 5_007_311, 5_008_434, 5_009_549, 5_011_426,
];

/** Runs of the harsh account that failed. */
const FOUND_IN_HARSHNESS = [
  8_000_446, 8_000_764, 8_000_803, 9_000_546, 9_100_503, 9_200_009, 9_200_054, 9_400_034, 9_400_266,
  9_500_150, 9_500_167, 9_500_211, 9_700_036, 9_700_052, 9_700_163, 9_700_934, 9_701_012, 9_701_144,
  9_701_161, 9_901_664, 9_901_723, 9_901_737, 9_930_069, 9_940_427, 9_981_021,
];

const { expectSound } = describeRuns(database, { firstSeed: 101, runCount: sized(30, 60), parity: 1 });

describe("leads in a mild account", () => {
  test.each(FOUND_SINCE.slice(-sized(3, FOUND_SINCE.length)))(
    "reach amoCRM exactly once in run %i, which found a mistake since",
    (seed) => expectSound(makePlan(seed, { isMild: true })),
  );
});

describe("leads in a harsh account", () => {
  test.each(FOUND_IN_HARSHNESS.slice(-sized(4, FOUND_IN_HARSHNESS.length)))(
    "reach amoCRM exactly once in run %i, which found a mistake since",
    (seed) => expectSound(makePlan(seed)),
  );
});
