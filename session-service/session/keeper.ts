import type { Clock } from "#shared/platform/clock.ts";
import type { ServiceLog, Session, SessionState, SignIn, SignInOutcome, Stop, StopNote } from "./port.ts";

/** Refused tries in a row after which only a person goes on. amoCRM closes the door at some number that nobody knows. */
const MAX_FAILURES = 2;
/** After amoCRM could not be reached: nothing was refused, so that it is soon tried again. */
const FIRST_UNREACHABLE_WAIT_MS = 15_000;

export interface KeeperParts {
  signIn: SignIn;
  clock: Clock;
  /** Between tries after a refused one, and between sign-ins when sessions end again and again. */
  intervalMs: number;
  note: StopNote;
  log: ServiceLog;
}

/** What a call gets: a session, or why there is none. */
export type SessionAnswer =
  | { ok: true; session: Session }
  | { ok: false; code: "signed_out"; waitMs: number; message: string }
  | { ok: false; code: "needs_person"; message: string };

/** All that may be told of the session. */
export interface SessionHealth {
  state: SessionState;
  reason: string | null;
  message: string | null;
  needs_person: boolean;
  signed_in_since: string | null;
  last_refusal: { at: string; state: SessionState; message: string } | null;
  next_try_at: string | null;
  sign_ins: number;
}

/**
 * Keeps one session for everybody who calls: whoever comes without one waits for the same sign-in, refused tries are few
 * and far between, and after the last only a person's word begins another.
 */
export class SessionKeeper {
  readonly #parts: KeeperParts;
  #session: Session | null = null;
  #sinceMs = 0;
  #running: Promise<void> | null = null;
  #stop: Stop | null;
  /** The last refused try that no success has followed. */
  #refusal: Stop | null = null;
  #lastRefusal: Stop | null = null;
  /** Why the last sign-in came to nothing although nothing was refused. */
  #trouble: string | null = null;
  #failureCount = 0;
  #unreachableCount = 0;
  #notBeforeMs = 0;
  #hasEnded = false;
  /** When the last sign-in began that an ended session had asked for. */
  #renewedAtMs: number | null = null;
  #signInCount = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#stop = parts.note.read();
    this.#refusal = this.#stop;
    this.#lastRefusal = this.#stop;
  }

  /** A session for one call, waiting that long for a sign-in at most. */
  async session(waitMs: number): Promise<SessionAnswer> {
    this.#begin();
    if (this.#running !== null) {
      const waiting = new AbortController();
      await Promise.race([this.#running, this.#parts.clock.sleep(waitMs, waiting.signal)]);
      waiting.abort();
    }
    if (this.#session !== null) return { ok: true, session: this.#session };
    if (this.#stop !== null) return { ok: false, code: "needs_person", message: this.#stop.message };
    const leftMs = this.#running === null ? this.#notBeforeMs - this.#parts.clock.nowMs() : 0;
    return {
      ok: false,
      code: "signed_out",
      waitMs: Math.max(1_000, leftMs),
      message: this.#trouble ?? this.#refusal?.message ?? "There is no session at the moment",
    };
  }

  /** amoCRM has turned a session away: the next call signs in, at once the first time and not again and again. */
  ended(session: Session): void {
    if (this.#session !== session) return;
    const { clock, intervalMs, log } = this.#parts;
    const nowMs = clock.nowMs();
    this.#session = null;
    this.#hasEnded = true;
    if (this.#renewedAtMs !== null) this.#notBeforeMs = this.#renewedAtMs + intervalMs;
    log("session_ended", { lasted_s: Math.round((nowMs - this.#sinceMs) / 1000) });
  }

  /** A person has acted: whatever stopped signing in is forgotten, and it is tried once at once. */
  async resume(): Promise<SessionHealth> {
    this.#parts.log("resumed");
    if (this.#session === null) {
      this.#stop = null;
      this.#parts.note.write(null);
      this.#failureCount = 0;
      this.#notBeforeMs = 0;
      this.#begin();
      await this.#running;
    }
    return this.health();
  }

  /** Signs in before anybody asks, so that the operator sees at the start whether it works. */
  async start(): Promise<void> {
    this.#begin();
    await this.#running;
  }

  health(): SessionHealth {
    const refusal = this.#session === null ? this.#refusal : null;
    const isWaiting = this.#session === null && this.#stop === null;
    return {
      state: this.#session !== null ? "ok" : (refusal?.state ?? "signed_out"),
      reason: refusal?.reason ?? null,
      message: this.#trouble ?? refusal?.message ?? null,
      needs_person: this.#stop !== null,
      signed_in_since: this.#session === null ? null : new Date(this.#sinceMs).toISOString(),
      last_refusal:
        this.#lastRefusal === null
          ? null
          : {
              at: new Date(this.#lastRefusal.atMs).toISOString(),
              state: this.#lastRefusal.state,
              message: this.#lastRefusal.message,
            },
      next_try_at: isWaiting && this.#notBeforeMs > 0 ? new Date(this.#notBeforeMs).toISOString() : null,
      sign_ins: this.#signInCount,
    };
  }

  /** Begins a sign-in if there is need of one and it may be; there is never a second one beside it. */
  #begin(): void {
    const isEarly = this.#parts.clock.nowMs() < this.#notBeforeMs;
    if (this.#session !== null || this.#stop !== null || this.#running !== null || isEarly) return;
    if (this.#hasEnded) this.#renewedAtMs = this.#parts.clock.nowMs();
    this.#running = this.#try().finally(() => {
      this.#running = null;
    });
  }

  async #try(): Promise<void> {
    this.#signInCount++;
    this.#parts.log("sign_in_begun", { number: this.#signInCount });
    let outcome: SignInOutcome;
    try {
      outcome = await this.#parts.signIn();
    } catch (error) {
      // Its text may hold what was typed.
      const name = error instanceof Error ? error.name : "unknown";
      outcome = {
        outcome: "refused",
        state: "needs_person",
        reason: "browser_missing",
        message: `The browser failed (${name}): see whether Chromium starts on this machine`,
        isFinal: false,
      };
    }
    this.#take(outcome);
  }

  #take(outcome: SignInOutcome): void {
    const { clock, intervalMs, log, note } = this.#parts;
    const nowMs = clock.nowMs();
    this.#trouble = outcome.outcome === "unreachable" ? outcome.message : null;
    if (outcome.outcome === "in") {
      this.#session = outcome.session;
      this.#sinceMs = nowMs;
      this.#failureCount = 0;
      this.#unreachableCount = 0;
      this.#notBeforeMs = 0;
      this.#refusal = null;
      log("signed_in", { account_id: outcome.session.accountId });
      return;
    }
    if (outcome.outcome === "unreachable") {
      this.#unreachableCount++;
      const waitMs = FIRST_UNREACHABLE_WAIT_MS * 2 ** Math.min(this.#unreachableCount - 1, 10);
      const soonMs = Math.min(waitMs, Math.max(intervalMs, 1_000));
      this.#notBeforeMs = nowMs + (outcome.isTried === true ? intervalMs : soonMs);
      log("amocrm_unreachable", { message: outcome.message });
      return;
    }
    const { state, reason, message, isFinal } = outcome;
    this.#failureCount++;
    this.#refusal = { state, reason, message, atMs: nowMs };
    this.#lastRefusal = this.#refusal;
    this.#notBeforeMs = nowMs + intervalMs;
    log("sign_in_refused", { state, reason, tries: this.#failureCount });
    if (isFinal || this.#failureCount >= MAX_FAILURES) {
      this.#stop = this.#refusal;
      note.write(this.#stop);
      log("needs_person", { state, reason });
    }
  }
}
