/** What the simulator needs from outside: a clock in milliseconds, randomness in [0, 1) and a way to wait. */
export interface Ports {
  now: () => number;
  random: () => number;
  /** Resolves after `ms`; may end early when the signal fires, and then also resolves. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Delivers a hook's form to an address and resolves with the status of the answer, 0 if none came in time. */
  post: (url: string, body: string, timeoutMs: number) => Promise<number>;
}

/** A small seeded generator (mulberry32), so that a run without an own `random` repeats exactly. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Waits on the machine's timers; a waiting simulator does not keep a finished process alive. */
export function systemSleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
    signal?.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

/** Posts a form over the network, as amoCRM's own machines do. */
export async function systemPost(url: string, body: string, timeoutMs: number): Promise<number> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}
