/** Numbers from 0 up to 1 that are the same in every run (mulberry32), so that a failing case can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The same members in another order. */
export function shuffled<T>(members: readonly T[], random: () => number): T[] {
  return members
    .map((member) => ({ member, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ member }) => member);
}
