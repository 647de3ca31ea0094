import type { Clock } from "#shared/platform/clock.ts";
import type { Fetch } from "#shared/platform/http/exchange.ts";
import type { Rpc } from "#shared/platform/rpc.ts";
import type { Chance } from "./chance.ts";
import { callName, DURING_A_REQUEST, requestName } from "./crash-points.ts";
import type { Rates } from "./plan.ts";
import type { RunRecord } from "./run-record.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** Begins the message of every error that the simulation itself makes. */
export const SIMULATED = "simulated:";

const SHORTEST_FREEZE_MS = 20_000;
const MAX_FREEZE_MS = 60_000;

export interface WorkerParts {
  name: string;
  time: VirtualTime;
  chance: Chance;
  rates: () => Rates;
  record: RunRecord;
  rpc: Rpc;
  fetch: Fetch;
  isReachable: () => boolean;
  isDatabaseReachable: () => boolean;
  /** True if a trap was set here and springs now. */
  springs: (point: string) => boolean;
  /** When the database's clock last jumped. */
  jumpedAtMs: () => number;
}

/**
 * One process: everything that its drain reaches goes through here. At any named point it may end for ever or stand
 * still for a while; what was sent before goes on without it, as on a real machine.
 */
export class Worker {
  readonly name: string;
  readonly death: Promise<void>;
  isDead = false;
  readonly #parts: WorkerParts;
  #die: () => void = () => undefined;
  #isOver = false;
  #frozenUntilMs = 0;
  /** When the slots were asked for that were given and not used yet; requests leave in the same order. */
  readonly #slotsAskedAtMs: number[] = [];

  constructor(parts: WorkerParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.death = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  readonly clock: Clock = {
    nowMs: () => this.#parts.time.nowMs(),
    sleep: async (ms, signal) => {
      await this.#parts.time.sleep(ms, signal);
      await this.#alive();
    },
  };

  readonly rpc: Rpc = async (name, args) => {
    const { chance, rates, record, time } = this.#parts;
    const point = callName(name);
    await this.#point(`before ${point}`);
    if (!this.#parts.isDatabaseReachable()) return await this.#failDatabase(name, "found no database");
    const fault = chance.happens(rates().databaseFault) ? chance.pick(["before", "after"] as const) : null;
    if (fault !== null) record.counts.databaseFaults += 1;
    if (fault === "before") return await this.#failDatabase(name, "did not arrive");
    const askedAtMs = time.nowMs();
    const answer = await this.#parts.rpc(name, args).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if ("value" in answer) record.noteCall(point, args, answer.value);
    if (fault === "after") return await this.#failDatabase(name, "was done, its answer lost");
    record.trace(
      `${this.name} ${point} ${brief(args)} -> ${"error" in answer ? "error" : brief(answer.value)}`,
    );
    await this.#point(`after ${point}`);
    if ("error" in answer) throw answer.error;
    if (isGrantedSlot(answer.value)) this.#slotsAskedAtMs.push(askedAtMs);
    return answer.value;
  };

  readonly fetch: Fetch = async (url, init) => {
    const { time, record, chance, rates } = this.#parts;
    const what = `${init.method} ${decodeURIComponent(new URL(url).pathname + new URL(url).search)}`;
    const slotAskedAtMs = this.#slotsAskedAtMs.shift() ?? time.nowMs();
    record.departures.push({
      atMs: time.nowMs(),
      worker: this.name,
      what,
      isLate: Math.max(this.#frozenUntilMs, this.#parts.jumpedAtMs()) >= slotAskedAtMs,
      slotAskedAtMs,
    });
    if (!this.#parts.isReachable()) {
      await this.#alive();
      throw Object.assign(new TypeError(`${SIMULATED} connection refused`), {
        code: "ECONNREFUSED",
        syscall: "connect",
      });
    }
    if (chance.happens(rates().crash)) this.#endLater(chance.below(2000));
    const answer = await this.#parts.fetch(url, init).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    record.trace(`${this.name} ${what} -> ${"error" in answer ? "no answer" : answer.value.status}`);
    await this.#point(`after ${requestName(init.method ?? "GET", url)}`);
    if ("error" in answer) throw answer.error;
    return answer.value;
  };

  /** The process has done its work: nothing can end it any more. */
  finish(): void {
    this.#isOver = true;
  }

  /** Ends the process now. */
  kill(point: string): void {
    if (this.isDead || this.#isOver) return;
    const { record } = this.#parts;
    this.isDead = true;
    record.counts.crashes += 1;
    record.faultTimesMs.push(this.#parts.time.nowMs());
    record.crashPoints.set(point, (record.crashPoints.get(point) ?? 0) + 1);
    record.trace(`${this.name} DIES ${point}`);
    this.#die();
  }

  #endLater(ms: number): void {
    void this.#parts.time.sleep(ms).then(() => this.kill(DURING_A_REQUEST));
  }

  async #point(name: string): Promise<void> {
    const { chance, rates, record, time } = this.#parts;
    await this.#alive();
    if (this.#parts.springs(name) || chance.happens(rates().crash)) this.kill(name);
    else if (chance.happens(rates().freeze)) {
      const ms = chance.between(SHORTEST_FREEZE_MS, MAX_FREEZE_MS);
      this.#frozenUntilMs = time.nowMs() + ms;
      record.counts.freezes += 1;
      record.trace(`${this.name} stands still for ${ms} ms ${name}`);
    }
    await this.#alive();
  }

  /** Goes on only while the process lives, and when it does not stand still. */
  async #alive(): Promise<void> {
    const { time } = this.#parts;
    while (!this.isDead && this.#frozenUntilMs > time.nowMs()) {
      await time.sleep(this.#frozenUntilMs - time.nowMs());
    }
    if (this.isDead) await new Promise(() => undefined);
  }

  async #failDatabase(name: string, how: string): Promise<never> {
    const { record, time } = this.#parts;
    record.faultTimesMs.push(time.nowMs());
    record.trace(`${this.name} ${name} FAILS: ${how}`);
    await this.#alive();
    throw new Error(`${SIMULATED} the call of ${name} ${how}`);
  }
}

function brief(value: unknown): string {
  const isClaim = typeof value === "object" && value !== null && "messages" in value;
  const text = JSON.stringify(isClaim ? (value.messages as object[]).map(messageBrief) : value) ?? "";
  return text.length > 240 ? `${text.slice(0, 240)}…` : text;
}

function messageBrief(message: object): unknown {
  const { id, personId, step, progress, contactId, dealId } = message as Record<string, unknown>;
  return { id, personId, step, progress, contactId, dealId };
}

function isGrantedSlot(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && "granted" in answer && answer.granted === true;
}
