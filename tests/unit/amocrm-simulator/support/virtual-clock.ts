/** A clock that stands still until a test moves it, with the `sleep` that belongs to it. */
export class VirtualClock {
  #nowMs: number;
  #sleepers: { wakeAtMs: number; wake: () => void }[] = [];

  constructor(nowMs = Date.UTC(2026, 0, 15, 9, 0, 0)) {
    this.#nowMs = nowMs;
  }

  now = (): number => this.#nowMs;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      this.#sleepers.push({ wakeAtMs: this.#nowMs + ms, wake: resolve });
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });

  /** Moves the time on, waking sleepers in their order and letting each run before the next. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      this.#sleepers.sort((one, other) => one.wakeAtMs - other.wakeAtMs);
      const next = this.#sleepers[0];
      if (next === undefined || next.wakeAtMs > endMs) break;
      this.#sleepers.shift();
      this.#nowMs = next.wakeAtMs;
      next.wake();
      await settle();
    }
    this.#nowMs = endMs;
  }
}

/** Lets everything that is ready run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
