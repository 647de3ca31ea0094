import { withDrainLease } from "../../outbox/lease.ts";
import type { LeasedQueue, Pace } from "../../outbox/port.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { createAmocrmClient } from "../api/client.ts";
import { ReadableConfiguration } from "../configuration.ts";
import { type DrainPorts, drain } from "../drain/drain.ts";
import type { Outbox } from "../drain/port.ts";
import type { Handler } from "../handler.ts";
import { type MessagePlan, reasonsOf } from "./explain.ts";
import { createPaperAccount, type PlannedRequest } from "./paper-account.ts";
import type { PlanStore } from "./port.ts";
import { type Notes, rehearse } from "./rehearsal.ts";

/** What would be sent, request by request, and why. */
export interface Plan {
  requests: PlannedRequest[];
  messages: MessagePlan[];
  /** Messages that come after these: behind them, or beyond the limit. */
  waitingCount: number;
}

export interface PlanPorts {
  store: PlanStore;
  handlers: Readonly<Record<string, Handler>>;
  /** The drain's own stores over whatever answers their calls. */
  queueOf(rpc: Rpc): { queue: LeasedQueue; outbox: Outbox; pace: Pace };
  nowMs(): number;
}

/** A lease that nobody gave. */
const PAPER_TOKEN = "00000000-0000-4000-8000-000000000000";

/** Which messages are planned for. */
export interface PlanRange {
  lead: string | null;
  limit: number;
}

/**
 * Lets the drain itself work on what waits, with a database that notes instead of writing and an account that answers from
 * the mirror. So the plan is made by the code that will deliver; no request leaves, and nothing changes.
 */
export async function planMessages({ lead, limit }: PlanRange, ports: PlanPorts): Promise<Plan> {
  const { claims, waitingCount } = await ports.store.claims(lead, limit);
  const notes: Notes = { facts: [], ends: [] };
  const paper = createPaperAccount(ports.store, claims);
  const rpc = rehearse(claims, ports.store, notes);
  // On paper nothing takes time: what waits for its moment goes on at once, and a timeout never strikes.
  const clock: Clock = {
    nowMs: ports.nowMs,
    sleep: (_ms, signal) =>
      signal === undefined
        ? Promise.resolve()
        : new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
  };
  const claimed = claims.flatMap((claim) => claim.messages);
  let settledCount = -1;
  // One drain works on a bounded number of messages.
  while (notes.ends.length < claimed.length && notes.ends.length > settledCount) {
    settledCount = notes.ends.length;
    const { queue, outbox, pace } = ports.queueOf(rpc);
    const lease = { queue, clock, token: PAPER_TOKEN };
    const drainPorts: DrainPorts = {
      lease,
      outbox,
      pace,
      connect: () => createAmocrmClient(paper.transport),
      requestLog: { note: () => {}, flush: async () => {} },
      handlers: ports.handlers,
      random: () => 0,
      log: () => {},
    };
    await withDrainLease(lease, (report) => drain(drainPorts, report));
  }
  const configuration = claims[0] === undefined ? null : ReadableConfiguration.parse(claims[0].configuration);
  return {
    requests: paper.requests,
    messages: claims.flatMap((claim) =>
      claim.messages.map((message) => reasonsOf(message, claim, configuration, notes)),
    ),
    waitingCount,
  };
}
