import { z } from "zod";
import type { VirtualTime } from "./virtual-time.ts";

const Taken = z.object({ entity: z.string().nullable(), ids: z.array(z.number()) });
const Logged = z.object({
  p_requests: z.array(
    z.object({ writes: z.array(z.object({ entity: z.string(), id: z.number() })).optional() }),
  ),
});

/** The last so many lines of a run are shown with a violation. */
const TRACE_LINES = 400;

/** What happened in a run, for its report. */
export interface Counts {
  leads: number;
  students: number;
  lessons: number;
  drains: number;
  restarts: number;
  requests: number;
  crashes: number;
  freezes: number;
  databaseFaults: number;
  lostAnswers: number;
  blockedRequests: number;
  rateLimited: number;
  blocks: number;
  outages: number;
  databaseOutages: number;
  revokedTokens: number;
  otherAccounts: number;
  sessionTroubles: number;
  signIns: number;
  tokenRefreshes: number;
  consents: number;
  pauses: number;
  clockJumps: number;
  takeovers: number;
  staleSettles: number;
  dealMoves: number;
  managerEdits: number;
  adminActs: number;
  oddRows: number;
  hooks: number;
  dealEvents: number;
  pullPages: number;
  uncertain: number;
  uncertainResolved: number;
  dead: number;
  poisoned: number;
  leftToPerson: number;
}

export function noCounts(): Counts {
  return {
    leads: 0,
    students: 0,
    lessons: 0,
    drains: 0,
    restarts: 0,
    requests: 0,
    crashes: 0,
    freezes: 0,
    databaseFaults: 0,
    lostAnswers: 0,
    blockedRequests: 0,
    rateLimited: 0,
    blocks: 0,
    outages: 0,
    databaseOutages: 0,
    revokedTokens: 0,
    otherAccounts: 0,
    sessionTroubles: 0,
    signIns: 0,
    tokenRefreshes: 0,
    consents: 0,
    pauses: 0,
    clockJumps: 0,
    takeovers: 0,
    staleSettles: 0,
    dealMoves: 0,
    managerEdits: 0,
    adminActs: 0,
    oddRows: 0,
    hooks: 0,
    dealEvents: 0,
    pullPages: 0,
    uncertain: 0,
    uncertainResolved: 0,
    dead: 0,
    poisoned: 0,
    leftToPerson: 0,
  };
}

/** A request at the moment it left. */
export interface Departure {
  atMs: number;
  worker: string;
  what: string;
  /** The worker stood still between its slot and now, or the clock jumped, so the pace could not hold it. */
  isLate: boolean;
  /** When its slot was reserved. */
  slotAskedAtMs: number;
}

/** What is written down while a run goes on, to be judged at its end. */
export class RunRecord {
  readonly counts: Counts = noCounts();
  /** When the plan began; its times count from here. */
  planStartMs = 0;
  readonly departures: Departure[] = [];
  readonly drainStartsMs: number[] = [];
  /** Messages that were claimed with a request outstanding whose answer nobody knew. */
  readonly uncertainIds = new Set<number>();
  /** By entity and id: when its reading because of a hook began last, and when our last write of it was noted. */
  readonly hintsTakenAtMs = new Map<string, number>();
  readonly writesNotedAtMs = new Map<string, number>();
  /** Moments at which a worker ended, or a call of the database failed: whatever was to follow may not have. */
  readonly faultTimesMs: number[] = [];
  /** When the database's clock jumped: what lies on both sides of it seems further apart, or nearer, than it was. */
  readonly clockJumpsMs: number[] = [];
  readonly violations: string[] = [];
  /** How often each named point ended a worker. */
  readonly crashPoints = new Map<string, number>();
  readonly #time: VirtualTime;
  readonly #startMs: number;
  readonly #lines: string[] = [];
  #hash = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
    this.#startMs = time.nowMs();
  }

  trace(line: string): void {
    const text = `${((this.#time.nowMs() - this.#startMs) / 1000).toFixed(3).padStart(10)}  ${line}`;
    for (let index = 0; index < text.length; index++) {
      this.#hash = (Math.imul(this.#hash, 31) + text.charCodeAt(index)) | 0;
    }
    this.#lines.push(text);
  }

  /** Notes of a call of the database what its rows do not tell later. */
  noteCall(point: string, args: unknown, answer: unknown): void {
    const nowMs = this.#time.nowMs();
    if (point === "hints_take") {
      const { entity, ids } = Taken.parse(answer);
      for (const id of ids) this.hintsTakenAtMs.set(`${entity} ${id}`, nowMs);
    }
    if (point === "log_requests") {
      const writes = Logged.parse(args).p_requests.flatMap((request) => request.writes ?? []);
      for (const { entity, id } of writes) this.writesNotedAtMs.set(`${entity} ${id}`, nowMs);
    }
  }

  violate(text: string): void {
    this.trace(`VIOLATION ${text}`);
    this.violations.push(text);
  }

  lines(): readonly string[] {
    return this.#lines;
  }

  lastLines(): string[] {
    return this.#lines.slice(-TRACE_LINES);
  }

  /** Equal for two runs that went the same way. */
  get hash(): number {
    return this.#hash;
  }
}
