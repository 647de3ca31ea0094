import { createGuard } from "../../outbox/guard.ts";
import { keepAlive, type LeasePorts, type Work } from "../../outbox/lease.ts";
import { createPacer, type Pacer } from "../../outbox/pacer.ts";
import type { Pace } from "../../outbox/port.ts";
import type { Random } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { type AccountClock, watchAccountClock } from "../api/account-clock.ts";
import type { AmocrmClient } from "../api/client-port.ts";
import { type RequestLog, withRequestLog } from "../api/request-log.ts";
import type { Failed } from "../api/verdict.ts";
import type { Handler } from "../handler.ts";
import type { Message } from "../message.ts";
import { fieldsFor } from "./account-fields.ts";
import { type BatchPorts, createBatch, type Perform } from "./batch.ts";
import { createBatchSize } from "./batch-size.ts";
import { ensureFieldTypes } from "./field-types.ts";
import { ensureMarker } from "./marker.ts";
import { matchBatch } from "./mirror.ts";
import { rememberPipelines } from "./pipelines.ts";
import type { Doubt, MirrorState, Outbox } from "./port.ts";
import { settleEach, unreadableSettlement } from "./settle-each.ts";
import { takeTurn } from "./turn.ts";

/** One call works this long at most; the platform ends it at 150 s. */
const MAX_WORK_MS = 30_000;
/** And on this many messages: the platform gives a call two seconds of CPU. */
const MAX_MESSAGES = 150;
/** As many as one request of notes holds; the queue gives fewer while people have to be searched for. */
const MAX_CLAIM = 250;

export interface DrainPorts {
  lease: LeasePorts;
  outbox: Outbox;
  pace: Pace;
  /** The client over a transport that takes its slots from this drain's pacer. */
  connect(pacer: Pacer): AmocrmClient;
  requestLog: RequestLog;
  handlers: Readonly<Record<string, Handler>>;
  random: Random;
  log: Log;
  /** Aborted when the platform is about to end this worker. */
  ending?: AbortSignal;
}

/** Delivers what is due under the lease, until nothing is, or the work for one call is done. */
export function drain(ports: DrainPorts, report: Work): Promise<void> {
  // Logged while the lease is still held: at its end the call may be over at once.
  return work(ports, report).finally(() => ports.requestLog.flush());
}

async function work(ports: DrainPorts, report: Work): Promise<void> {
  const { outbox, lease } = ports;
  const { clock, token } = lease;
  const pacer = createPacer(ports.pace, clock, token);
  const { client, accountClock } = watchAccountClock(ports.connect(pacer));
  const clientFor = (messageIds: readonly number[]) =>
    withRequestLog(client, ports.requestLog, () => clock.nowMs(), messageIds);
  const batchPorts: Omit<BatchPorts, "settings" | "batchSize"> & { client: AmocrmClient } = {
    client: clientFor([]),
    clientFor,
    outbox,
    guard: createGuard<Failed>(ports.pace, pacer),
    token,
    alive: (request) => keepAlive(lease, request),
  };
  const pipelines = rememberPipelines(outbox, clock);
  const untilMs = clock.nowMs() + MAX_WORK_MS;

  while (clock.nowMs() < untilMs && report.settledCount < MAX_MESSAGES && ports.ending?.aborted !== true) {
    const claim = await outbox.claim(token, MAX_CLAIM);
    const { configuration, mirror, doubts, troubles, messages: claimed, unreadable = [] } = claim;
    if (unreadable.length > 0)
      await outbox.settle(
        token,
        unreadable.map((one) => unreadableSettlement(one, ports.random())),
      );
    await noteClock(accountClock, mirror, outbox);
    if (claimed.length === 0 && unreadable.length > 0) continue;
    if (claimed.length === 0) return;
    batchPorts.guard.expectTrouble(troubles);
    const offsetMs = () => accountClock.offsetMs() ?? mirror.clockOffsetMs ?? 0;
    const fieldsStopped =
      (await ensureMarker(configuration, batchPorts)) ?? (await ensureFieldTypes(configuration, batchPorts));
    if (fieldsStopped !== null) {
      report.stoppedBy = reasonOf(fieldsStopped);
      return;
    }
    const { fields, stopped: readStopped } = await fieldsFor(claimed, batchPorts);
    if (readStopped !== null) {
      report.stoppedBy = reasonOf(readStopped);
      return;
    }
    const {
      matches,
      isVoid,
      stopped: lookStopped,
    } = await matchBatch(claimed, mirror, {
      ...batchPorts,
      log: ports.log,
      offsetMs,
    });
    if (lookStopped !== null) {
      // What was claimed goes back unsent when the drain ends.
      report.stoppedBy = reasonOf(lookStopped);
      return;
    }
    // Searching for all of them would take longer than this worker lives: a few are, and a pull catches up.
    const kept = isVoid ? await outbox.voidLook(token, idsOf(claimed)) : null;
    const messages = kept === null ? claimed : claimed.filter(({ id }) => kept.has(id));
    const batch = createBatch({
      ...batchPorts,
      settings: configuration.settings,
      batchSize: createBatchSize(configuration.settings, outbox),
    });
    const contactHolders = reservationsOf(doubts);
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
          offsetMs,
          guard: batchPorts.guard,
          fields,
        }),
      async (settlements) => {
        const settled = await settleEach(outbox, token, settlements);
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
    if (stopped !== null || isVoid) {
      report.stoppedBy = stopped === null ? "look_unfinished" : reasonOf(stopped);
      return;
    }
  }
}

/** What is as good as known is not written: the answers tell whole seconds. */
const CLOCK_NOTED_MS = 5000;

async function noteClock(accountClock: AccountClock, mirror: MirrorState, outbox: Outbox): Promise<void> {
  const offsetMs = accountClock.offsetMs();
  if (offsetMs === null) return;
  const isKnown = mirror.clockOffsetMs !== null && Math.abs(offsetMs - mirror.clockOffsetMs) < CLOCK_NOTED_MS;
  if (!isKnown) await outbox.noteClock(offsetMs);
}

function idsOf(messages: readonly Message[]): number[] {
  return messages.map(({ id }) => id);
}

/** Two people of ours may be one contact there: while one waits to know whether it got a deal, the other makes none. */
function reservationsOf(doubts: readonly Doubt[]): Map<number, number> {
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
