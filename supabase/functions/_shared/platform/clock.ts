/** Port: time. Everything that waits or stamps takes it from here, so a test can stand at any hour. */
export interface Clock {
  nowMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", done, { once: true });
    }),
};

/** Port: a number from 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

/** The machine's own randomness, for jitter only. */
export const systemRandom: Random = () => Math.random();

/** Port: that many bytes which nobody can guess. */
export type SecretBytes = (count: number) => Uint8Array;

/** The machine's own, for secrets. */
export const systemSecretBytes: SecretBytes = (count) => crypto.getRandomValues(new Uint8Array(count));
