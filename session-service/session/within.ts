import type { Clock } from "#shared/platform/clock.ts";

/** Does some work, for that long at most; then it is told to end, and this rejects whether it listens or not. */
export async function within<T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = new AbortController();
  const over = clock.sleep(ms, timer.signal).then(() => {
    limit.abort();
    throw new Error("This took too long");
  });
  // It loses the race more often than not.
  over.catch(() => undefined);
  try {
    return await Promise.race([work(limit.signal), over]);
  } finally {
    timer.abort();
  }
}
