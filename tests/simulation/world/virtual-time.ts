import type { Clock } from "#shared/platform/clock.ts";

/** Rounds of the event loop after which everything that was ready has run; bodies of answers are streams and take two. */
const SETTLE_ROUNDS = 2;

interface Sleeper {
  wakeAtMs: number;
  order: number;
  wake: () => void;
}

/**
 * Time for one simulated world. It stands still while anybody can run, and jumps to the next sleeper when all are
 * parked. Work outside of the process (a statement in Postgres) is done one piece at a time, in the order in which it
 * was asked for or in one that chance picks; so a run depends on nothing but its seed.
 */
export class VirtualTime implements Clock {
  #nowMs: number;
  #order = 0;
  /** Kept in the order of waking. */
  readonly #sleepers: Sleeper[] = [];
  readonly #work: (() => Promise<void>)[] = [];

  readonly #pick: (count: number) => number;

  /** `pick` chooses which of so many pieces of work that wait is done next. */
  constructor(startMs: number, pick: (count: number) => number = () => 0) {
    this.#nowMs = startMs;
    this.#pick = pick;
  }

  nowMs = (): number => this.#nowMs;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const sleeper = { wakeAtMs: this.#nowMs + Math.max(0, ms), order: this.#order++, wake: resolve };
      this.#park(sleeper);
      signal?.addEventListener(
        "abort",
        () => {
          const index = this.#sleepers.indexOf(sleeper);
          if (index >= 0) this.#sleepers.splice(index, 1);
          resolve();
        },
        { once: true },
      );
    });

  /** Goes on from a later moment at which nobody wakes. */
  setTo(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }

  /** Does something outside of the process, while the time stands still. */
  outside<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#work.push(() => work().then(resolve, reject));
    });
  }

  /** Runs the world until `isOver`, or until nobody will ever wake again, or until the hour. */
  async run(isOver: () => boolean, untilMs: number): Promise<"over" | "asleep" | "late"> {
    for (;;) {
      await settle();
      const [work] = this.#work.splice(this.#pick(this.#work.length), 1);
      if (work !== undefined) {
        await work();
        continue;
      }
      if (isOver()) return "over";
      const sleeper = this.#sleepers[0];
      if (sleeper === undefined) return "asleep";
      if (sleeper.wakeAtMs > untilMs) return "late";
      this.#sleepers.shift();
      this.#nowMs = Math.max(this.#nowMs, sleeper.wakeAtMs);
      sleeper.wake();
    }
  }

  #park(sleeper: Sleeper): void {
    let low = 0;
    let high = this.#sleepers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#sleepers[middle] as Sleeper;
      if (other.wakeAtMs <= sleeper.wakeAtMs) low = middle + 1;
      else high = middle;
    }
    this.#sleepers.splice(low, 0, sleeper);
  }
}

async function settle(): Promise<void> {
  for (let round = 0; round < SETTLE_ROUNDS; round++) await new Promise((resolve) => setImmediate(resolve));
}
