/** Whether this is the deep run (`npm run test:deep`), in which every test has its full size. Asked nowhere else. */
export const isDeep = process.env["TEST_SIZES"] === "deep";

/**
 * How much of something a test does: in the gate as much as shows its rule, in the deep run as much as was once asked for.
 * docs/testing.md lists the tests whose sizes differ.
 */
export function sized(gate: number, deep: number): number {
  return isDeep ? deep : gate;
}
