import type { AmocrmClient } from "../amocrm/client-port.ts";
import { type RequestLog, withRequestLog } from "../amocrm/request-log.ts";
import type { Failed } from "../amocrm/verdict.ts";
import type { Handler } from "../handlers/handler.ts";
import type { Message } from "../outbox/message.ts";
import type { Doubt, Outbox, Pace } from "../outbox/port.ts";
import type { Clock, Random } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { type BatchPorts, createBatch, type Perform } from "./batch.ts";
import { createBatchSize } from "./batch-size.ts";
import { createGuard } from "./guard.ts";
import { type DrainReport, keepAlive, type LeasePorts, type Work, withDrainLease } from "./lease.ts";
import { ensureMarker } from "./marker.ts";
import { matchBatch } from "./mirror.ts";
import { createPacer, type Pacer } from "./pacer.ts";
import { rememberPipelines } from "./pipelines.ts";
import { takeTurn } from "./turn.ts";

/** One call works this long at most; the platform ends it at 150 s. */
const LONGEST_WORK_MS = 30_000;
/** And on this many messages: the platform gives a call two seconds of CPU. */
const MOST_MESSAGES = 150;
/** amoCRM creates fifty deals in one request; the queue gives fewer while people have to be searched for. */
const LARGEST_CLAIM = 50;

export interface DrainPorts {
  outbox: Outbox;
  pace: Pace;
  /** The client over a transport that takes its slots from this drain's pacer. */
  connect(pacer: Pacer): AmocrmClient;
  requestLog: RequestLog;
  handlers: Readonly<Record<string, Handler>>;
  clock: Clock;
  random: Random;
  log: Log;
  newToken(): string;
  /** Aborted when the platform is about to end this worker. */
  ending?: AbortSignal;
}

/** Takes the drain lease and delivers what is due, until nothing is, or the work for one call is done. */
export function drain(ports: DrainPorts): Promise<DrainReport> {
  const lease = { queue: ports.outbox, clock: ports.clock, token: ports.newToken() };
  // Logged while the lease is still held: at its end the call may be over at once.
  return withDrainLease(lease, (report) =>
    work(ports, lease, report).finally(() => ports.requestLog.flush()),
  );
}

async function work(ports: DrainPorts, lease: LeasePorts, report: Work): Promise<void> {
  const { outbox, clock } = ports;
  const { token } = lease;
  const pacer = createPacer(ports.pace, clock, token);
  const client = ports.connect(pacer);
  const clientFor = (messageIds: readonly number[]) =>
    withRequestLog(client, ports.requestLog, () => clock.nowMs(), messageIds);
  const batchPorts: Omit<BatchPorts, "settings" | "batchSize"> & { client: AmocrmClient } = {
    client: clientFor([]),
    clientFor,
    outbox,
    guard: createGuard(ports.pace, pacer),
    token,
    alive: (request) => keepAlive(lease, request),
  };
  const pipelines = rememberPipelines(outbox, clock);
  const untilMs = clock.nowMs() + LONGEST_WORK_MS;

  while (clock.nowMs() < untilMs && report.settledCount < MOST_MESSAGES && ports.ending?.aborted !== true) {
    const { configuration, mirror, doubts, messages } = await outbox.claim(token, LARGEST_CLAIM);
    if (messages.length === 0) return;
    const markerStopped = await ensureMarker(configuration, batchPorts);
    if (markerStopped !== null) {
      report.stoppedBy = reasonOf(markerStopped);
      return;
    }
    const { matches, stopped: lookStopped } = await matchBatch(messages, mirror, batchPorts);
    if (lookStopped !== null) {
      // What was claimed goes back unsent when the drain ends.
      report.stoppedBy = reasonOf(lookStopped);
      return;
    }
    const batch = createBatch({
      ...batchPorts,
      settings: configuration.settings,
      batchSize: createBatchSize(configuration.settings, outbox),
    });
    const contactHolders = holdersOf(doubts);
    const dealHolders = new Map<number, number>();
    await batch.run(
      messages,
      (message: Message, perform: Perform) =>
        takeTurn(message, ports.handlers[message.kind], perform, {
          outbox,
          clock,
          random: ports.random,
          token,
          configuration,
          match: matches?.get(message.id) ?? null,
          contactHolders,
          dealHolders,
          pipelines,
        }),
      async (settlements) => {
        const settled = await outbox.settle(token, settlements);
        await ports.requestLog.flush();
        report.settledCount += settled.size;
        for (const { id, verdict, code } of settlements) {
          ports.log(verdict === "rejected" ? "warn" : "info", "message_settled", {
            id,
            verdict: settled.has(id) ? verdict : "stale",
            code,
          });
        }
      },
    );
    const stopped = batch.stoppedBy();
    if (stopped !== null) {
      report.stoppedBy = reasonOf(stopped);
      return;
    }
  }
}

/** Two people of ours may be one contact there: while one waits to know whether it got a deal, the other makes none. */
function holdersOf(doubts: readonly Doubt[]): Map<number, number> {
  const holders = new Map<number, number>();
  // The oldest of several goes on, or they would wait for each other.
  for (const { contactId, messageId } of doubts) {
    if (!holders.has(contactId)) holders.set(contactId, messageId);
  }
  return holders;
}

function reasonOf({ fault }: Failed): string {
  return fault.causeCode ?? fault.code;
}
