import { expect, it } from "vitest";
import { backoffMs, clampWaitMs } from "../../../supabase/functions/_shared/amocrm/backoff.ts";
import { seededRandom } from "./support/random.ts";

const almostOne = () => 1 - Number.EPSILON;

it.each([
  [0, 5_000],
  [1, 5_000],
  [2, 10_000],
  [3, 20_000],
  [10, 2_560_000],
  [11, 3_600_000],
  [5_000, 3_600_000],
])("backoffMs after %i attempts has the ceiling %i ms", (attemptCount, ceilingMs) => {
  expect(backoffMs(attemptCount, almostOne)).toBe(ceilingMs - 1);
  expect(backoffMs(attemptCount, () => 0)).toBe(0);
});

it("backoffMs stays within its bounds and uses all of them", () => {
  const random = seededRandom(5);
  for (let attemptCount = 0; attemptCount < 40; attemptCount++) {
    const waits = Array.from({ length: 200 }, () => backoffMs(attemptCount, random));
    const ceilingMs = Math.min(3_600_000, 5_000 * 2 ** Math.max(0, attemptCount - 1));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...waits)).toBeLessThan(ceilingMs);
    expect(Math.min(...waits)).toBeLessThan(ceilingMs * 0.1);
    expect(Math.max(...waits)).toBeGreaterThan(ceilingMs * 0.9);
    expect(waits.every(Number.isInteger)).toBe(true);
  }
});

it.each([
  [0, 1_000],
  [-5, 1_000],
  [999, 1_000],
  [1_500.2, 1_501],
  [300_000, 300_000],
  [600_001, 600_000],
  [Number.POSITIVE_INFINITY, 600_000],
  [Number.NaN, 1_000],
])("clampWaitMs of %d is %i", (toldMs, waitMs) => {
  expect(clampWaitMs(toldMs)).toBe(waitMs);
});
