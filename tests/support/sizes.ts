/** Whether this is the deep run (`npm run test:deep`), in which every test has its full size. Asked nowhere else. */
export const isDeep = process.env["TEST_SIZES"] === "deep";

/**
 * How much of something a test does: in the gate as much as shows its rule, in the deep run as much as was once asked for.
 * docs/testing.md lists the tests whose sizes differ.
 */
export function sized(gate: number, deep: number): number {
  return isDeep ? deep : gate;
}

/** Cases of one rule, of which the gate draws so many at equal distances from the first on; the deep run has all of them. */
export function drawn<Case>(cases: readonly Case[], gateCount: number): Case[] {
  const count = sized(Math.min(gateCount, cases.length), cases.length);
  return cases.filter((_, index) => (index * count) % cases.length < count);
}
