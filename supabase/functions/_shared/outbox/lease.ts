import type { Clock } from "../platform/clock.ts";
import type { Rpc } from "../platform/rpc.ts";
import { type DrainStart, type LeasedQueue, LeaseLostError } from "./port.ts";

/** Shorter than the drain lease of 15 s by enough for two tries. */
const HEARTBEAT_INTERVAL_MS = 5_000;
/** Longer than a visitor's insert takes from its trigger to its commit. */
const SECOND_LOOK_MS = 100;

export interface LeasePorts {
  queue: LeasedQueue;
  clock: Clock;
  token: string;
}

/** What a function hands on to its engine, once it has the lease. */
export interface Granted<Access> {
  access: Access;
  rpc: Rpc;
  lease: LeasePorts;
  /** Aborted when the platform is about to end this worker. */
  ending: AbortSignal;
}

/** What became of the work of one lease. */
export interface Work {
  settledCount: number;
  /** Why sending stopped early; null if it did not. */
  stoppedBy: string | null;
}

/** How a drain ended. */
export interface DrainReport extends Work {
  outcome: DrainStart | "lease_lost";
  /** True if something was due at the end: the queue has rung for the next drain. */
  isMoreDue: boolean;
}

/** Takes the drain lease of a queue, works, and gives it back, however the work ends. */
export async function withDrainLease(
  { queue, clock, token }: LeasePorts,
  work: (report: Work) => Promise<void>,
): Promise<DrainReport> {
  const outcome = await queue.begin(token);
  const report: DrainReport = { outcome, settledCount: 0, stoppedBy: null, isMoreDue: false };
  if (outcome !== "granted") return report;
  let hasFailed = false;
  try {
    await work(report);
  } catch (error) {
    hasFailed = !(error instanceof LeaseLostError);
    if (hasFailed) throw error;
    report.outcome = "lease_lost";
  } finally {
    report.isMoreDue = await queue.end(token, hasFailed);
  }
  if (!report.isMoreDue && report.stoppedBy === null) {
    await clock.sleep(SECOND_LOOK_MS);
    report.isMoreDue = await queue.lookAgain();
  }
  return report;
}

/** Renews the lease while a request takes long. A lost lease is noticed by the next slot, so it is not raised here. */
export async function keepAlive<T>({ queue, clock, token }: LeasePorts, request: Promise<T>): Promise<T> {
  const done = new AbortController();
  const beating = (async () => {
    while (!done.signal.aborted) {
      await clock.sleep(HEARTBEAT_INTERVAL_MS, done.signal);
      if (!done.signal.aborted) await queue.extend(token).catch(() => undefined);
    }
  })();
  try {
    return await request;
  } finally {
    // With a reason: without one an error with its stack is made for each request, which nobody reads.
    done.abort("answered");
    await beating;
  }
}
