/** Sends so many a second, each at its time whatever became of those before, and tells how long each took, in ms. */
export function atRate<Input, Answer extends object>(
  perSecond: number,
  count: number,
  prepare: (index: number) => Input | Promise<Input>,
  send: (input: Input) => Promise<Answer>,
): Promise<(Answer & { tookMs: number })[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, (index * 1000) / perSecond));
      const input = await prepare(index);
      const startedAt = performance.now();
      const answer = await send(input);
      return { ...answer, tookMs: performance.now() - startedAt };
    }),
  );
}
