import { afterAll, describe, expect, test } from "vitest";
import { hooked } from "../people/hooks.ts";
import { planSchool } from "../people/school.ts";
import { createChance } from "../world/chance.ts";
import { CRASH_POINTS, DURING_A_REQUEST, LATER_CRASH_POINTS, RARE_POINTS } from "../world/crash-points.ts";
import { type Happening, makePlan, type Plan } from "../world/plan.ts";
import type { QueueDatabase } from "../world/queue-database.ts";
import type { RunRecord } from "../world/run-record.ts";
import { simulate } from "../world/simulate.ts";
import { digestOf, pointTable, type RunDigest, tellViolation, timesOfPoints } from "./report.ts";

const RUNS_IN_A_TEST = 10;
/** Rare points are sought in so many runs more, each with a trap there. */
const MAX_RUNS_FOR_A_POINT = 60;
/** Points that are sought in one run: more would leave a worker no time to come by the next one. */
const MAX_TRAPS = 6;
/** The run from seed 1 is a calm one, which comes by little. */
const FIRST_SEED_FOR_POINTS = 2;

/** What makes a rare point more likely to be come by. */
const POINT_BOOSTS: readonly [point: RegExp, boost: (plan: Plan) => Partial<Plan>][] = [
  [/hints/, (plan) => hookedWithEdits(plan)],
  [/pull/, () => ({ pullIntervalSeconds: 60 })],
  [/marker|custom_fields/, () => ({ marker: "missing" })],
  [
    /PATCH leads/,
    // A plan that has a school already has its students, who are called the same.
    (plan) =>
      plan.happenings.some(({ kind }) => kind === "student")
        ? {}
        : { happenings: [...plan.happenings, ...planSchool(plan, createChance(plan.seed, "boost"))] },
  ],
  [/deals_of_others/, () => ({ marker: "refused" })],
  [/tasks/, () => ({ onRepeat: "note_and_task" })],
  [
    // A token for years is noted, and not renewed.
    /token(?!s_note)/,
    ({ account }) => ({ connection: "oauth", account: { ...account, tokens: { access_ttl_s: 150 } } }),
  ],
  [
    /limit_batches/,
    ({ account }) => ({
      account: { ...account, duration: { base_ms: 2000, per_item_ms: 500, timeout_504_over_ms: 4000 } },
    }),
  ],
];

/** Hooks that all arrive, and a manager who gives them something to tell. */
function hookedWithEdits(plan: Plan): Partial<Plan> {
  const chance = createChance(plan.seed, "hooks sought");
  const edits = Array.from(
    { length: 6 },
    (): Happening => ({ kind: "manager", atMs: chance.below(plan.calmFromMs), act: "move_deal" }),
  );
  const { account } = hooked(plan, chance, "sure");
  return { hooks: "sure", account, pullIntervalSeconds: 60, happenings: [...plan.happenings, ...edits] };
}

/** Which runs and which points a file takes: the files are shared between the workers. */
export interface Share {
  firstSeed: number;
  runCount: number;
  /** The file takes each point whose place in the list has this parity. */
  parity: 0 | 1;
  /** Seeds of these whose history is compared with a second run's. */
  repeatedSeeds?: readonly number[];
}

/** The runs so far, and how one is judged. */
export interface Runs {
  expectSound(plan: Plan): Promise<void>;
}

const boostsOf = (point: string) =>
  POINT_BOOSTS.filter(([boosted]) => boosted.test(point)).map(([, boost]) => boost);

/** The others that the same boosts make more likely: they can be sought in the same run. */
function likePoint(point: string, others: readonly string[]): string[] {
  const boosts = boostsOf(point);
  return others.filter((other) => {
    const theirs = boostsOf(other);
    return theirs.length === boosts.length && theirs.every((boost) => boosts.includes(boost));
  });
}

/** Runs from consecutive seeds; then workers that end at each of the file's points, those sought that no run came by. */
export function describeRuns(database: QueueDatabase, { repeatedSeeds = [], ...share }: Share): Runs {
  const { firstSeed, runCount, parity } = share;
  const digests: RunDigest[] = [];
  const records = new Map<number, RunRecord>();
  const timesAt = (point: string): number => timesOfPoints(digests).get(point) ?? 0;
  const expectSound = async (plan: Plan): Promise<RunRecord> => {
    const result = await simulate(database, plan);
    digests.push(digestOf(result, { withTrace: false }));
    expect(result.record.violations, tellViolation(result, { withTrace: true })).toEqual([]);
    return result.record;
  };

  describe("leads under crashes, lost answers, blocks, outages, slow workers and people who meddle", () => {
    const firstSeeds = Array.from(
      { length: runCount / RUNS_IN_A_TEST },
      (_, index) => firstSeed + index * RUNS_IN_A_TEST,
    );
    test.each(firstSeeds)(
      "reach amoCRM exactly once, in order and at the pace, in ten runs from seed %i",
      async (seed) => {
        for (let offset = 0; offset < RUNS_IN_A_TEST; offset++) {
          const record = await expectSound(makePlan(seed + offset));
          if (repeatedSeeds.includes(seed + offset)) records.set(seed + offset, record);
        }
      },
    );

    test.each(repeatedSeeds)("are the same history again, to the letter, from seed %i", async (seed) => {
      const again = await expectSound(makePlan(seed));
      expect(again.lines()).toEqual(records.get(seed)?.lines());
      expect(again.hash).toBe(records.get(seed)?.hash);
    });
  });

  describe("a worker that ends", () => {
    const points = [...CRASH_POINTS, ...LATER_CRASH_POINTS];
    const known = new Set([...points, ...RARE_POINTS, DURING_A_REQUEST]);

    const ours = points.filter((_, index) => index % 2 === parity);

    // After the runs above: what they did not come by is sought.
    test.each(ours)("%s costs and doubles nothing", async (point) => {
      for (let count = 0; timesAt(point) === 0 && count < MAX_RUNS_FOR_A_POINT; count++) {
        const plan = makePlan(FIRST_SEED_FOR_POINTS + count);
        const boosts = boostsOf(point).map((boost) => boost(plan));
        const unseen = ours.filter((other) => other !== point && timesAt(other) === 0);
        const sought = [point, ...likePoint(point, unseen)].slice(0, MAX_TRAPS);
        const traps = sought.map((trapped) => ({ point: trapped, pass: 1 }));
        await expectSound({ ...Object.assign(plan, ...boosts), traps });
      }
      expect(timesAt(point)).toBeGreaterThan(0);
    });

    test("does so at points that are all in the list of crash-points.ts", () => {
      expect([...timesOfPoints(digests).keys()].filter((point) => !known.has(point))).toEqual([]);
    });

    afterAll(() => console.info(pointTable(digests)));
  });
  return {
    async expectSound(plan) {
      await expectSound(plan);
    },
  };
}
