import type { Settings } from "../settings.ts";

const SECOND_MS = 1000;

/** Whether a request may pass, is over the rate, or meets a block. */
export type RateVerdict = "pass" | "over" | "blocked";

/** Counts requests per integration and per account; too many refusals block everything until somebody lifts it. */
export class RateLimiter {
  readonly #settings: () => Settings["rate"];
  readonly #byClient = new Map<string, number[]>();
  #account: number[] = [];
  #refusals: number[] = [];
  #isBlocked = false;

  constructor(settings: () => Settings["rate"]) {
    this.#settings = settings;
  }

  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  block(): void {
    this.#isBlocked = true;
  }

  liftBlock(): void {
    this.#isBlocked = false;
    this.#refusals = [];
  }

  /** Forgets every request and refusal, and lifts the block. */
  reset(): void {
    this.#byClient.clear();
    this.#account = [];
    this.liftBlock();
  }

  /** Takes one request into account: of an integration, or, without one, of the account alone. */
  take(clientId: string | null, nowMs: number): RateVerdict {
    if (this.#isBlocked) return "blocked";
    const rate = this.#settings();
    const mine = clientId === null ? [] : this.#recent(this.#byClient.get(clientId) ?? [], nowMs);
    this.#account = this.#recent(this.#account, nowMs);
    const isOver =
      (rate.requests_per_second > 0 && mine.length >= rate.requests_per_second) ||
      (rate.account_per_second > 0 && this.#account.length >= rate.account_per_second);
    if (!isOver || rate.refused_count_too) {
      mine.push(nowMs);
      this.#account.push(nowMs);
    }
    if (clientId !== null) this.#byClient.set(clientId, mine);
    if (!isOver) return "pass";
    this.#refuse(nowMs);
    return "over";
  }

  #recent(times: number[], nowMs: number): number[] {
    const isFixed = this.#settings().window === "fixed";
    const startMs = isFixed ? Math.floor(nowMs / SECOND_MS) * SECOND_MS : nowMs - SECOND_MS + 1;
    return times.filter((time) => time >= startMs);
  }

  #refuse(nowMs: number): void {
    const limit = this.#settings().blocks_after;
    if (limit === null) return;
    this.#refusals = this.#refusals.filter((time) => time > nowMs - limit.window_ms);
    this.#refusals.push(nowMs);
    if (this.#refusals.length >= limit.count) this.#isBlocked = true;
  }
}
