/** Whether this is the deep run (`npm run test:deep`), in which every test has its full size. Asked nowhere else. */
export const isDeep = process.env["TEST_SIZES"] === "deep";

/**
 * How much of something a test does: in the gate as much as shows its rule, in the deep run as much as was once asked for.
 * docs/testing.md lists the tests whose sizes differ.
 */
export function sized(gate: number, deep: number): number {
  return isDeep ? deep : gate;
}

/** So many of the cases at equal distances, from the first one on; all if there are no more. */
export function spread<Case>(cases: readonly Case[], count: number): Case[] {
  return cases.filter((_, index) => (index * count) % cases.length < count);
}

/** Cases of one rule, of which the gate draws so many; the deep run has all of them. */
export function drawn<Case>(cases: readonly Case[], gateCount: number): Case[] {
  return spread(cases, sized(gateCount, cases.length));
}
