import { endsDrain } from "../outbox/ends-drain.ts";
import { createGuard } from "../outbox/guard.ts";
import { failureText } from "../outbox/handler-failed.ts";
import { keepAlive, type LeasePorts, type Work } from "../outbox/lease.ts";
import { createPacer, type Pacer } from "../outbox/pacer.ts";
import type { Pace } from "../outbox/port.ts";
import type { Random } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Compose, Sender } from "./compose.ts";
import type { MailMessage, MailSettings } from "./message.ts";
import { withToken } from "./placeholder.ts";
import type { Mailer, MailQueue, MailSettlement } from "./port.ts";
import {
  delivered,
  lostInDoubt,
  MAX_DOUBT_MS,
  notSendable,
  SEND_MAIL,
  settlementOf,
  stumbledOver,
  unreadableSettlement,
  withoutComposer,
} from "./settlement.ts";
import type { MailAnswer, MailFailed } from "./verdict.ts";

/** One call works this long at most; the platform ends it at 150 s. */
const MAX_WORK_MS = 30_000;
/** And on this many mails: the platform gives a call two seconds of CPU. */
const MAX_MESSAGES = 100;
/** Some seconds of pace, so that a killed drain keeps few from going on. */
const MAX_CLAIM = 10;

export interface DeliverPorts {
  lease: LeasePorts;
  queue: MailQueue;
  pace: Pace;
  /** The way to Resend, which takes its slots from this drain's pacer. */
  connect(pacer: Pacer): Mailer;
  composers: Readonly<Record<string, Compose>>;
  sender: Sender;
  random: Random;
  log: Log;
  /** Aborted when the platform is about to end this worker. */
  ending?: AbortSignal;
}

/** Sends under the lease what is due, one mail after the other, until nothing is or the call is long enough. */
export async function deliverMails(ports: DeliverPorts, report: Work): Promise<void> {
  const { queue, lease } = ports;
  const { clock } = lease;
  const pacer = createPacer(ports.pace, clock, lease.token);
  const guard = createGuard<MailFailed>(ports.pace, pacer);
  const mailer = ports.connect(pacer);
  const untilMs = clock.nowMs() + MAX_WORK_MS;

  while (report.settledCount < MAX_MESSAGES) {
    const claim = await queue.claim(lease.token, MAX_CLAIM);
    const { settings, troubles, messages, unreadable = [] } = claim;
    guard.expectTrouble(troubles);
    const settlements = unreadable.map((one) => unreadableSettlement(one, ports.random()));
    if (settlements.length > 0) {
      const settled = await queue.settle(lease.token, settlements);
      report.settledCount += settled.size;
      for (const settlement of settlements) log(ports, settlement, settled.has(settlement.id));
    }
    if (messages.length === 0 && settlements.length === 0) return;
    for (const message of messages) {
      // What was claimed goes back unsent when the drain ends.
      if (clock.nowMs() >= untilMs || ports.ending?.aborted === true) return;
      const { settlement, answer } = await takeTurn(message, settings, { ...ports, mailer });
      if (settlement === null) continue;
      const stopped =
        answer === null
          ? null
          : await guard.observe(answer, { operation: SEND_MAIL, messageIds: [message.id] });
      const settled = await queue.settle(lease.token, [settlement]);
      report.settledCount += settled.size;
      log(ports, settlement, settled.has(message.id));
      if (stopped !== null) {
        report.stoppedBy = stopped.fault.causeCode ?? stopped.fault.code;
        return;
      }
    }
  }
}

interface TurnPorts extends DeliverPorts {
  mailer: Mailer;
}

interface Turn {
  /** Null: the message is another drain's by now. */
  settlement: MailSettlement | null;
  /** For the guard; null if nothing was sent. */
  answer: MailAnswer | null;
}

const withoutRequest = (settlement: MailSettlement | null): Turn => ({ settlement, answer: null });

/** What goes wrong over one mail is that mail's end only. */
async function takeTurn(message: MailMessage, settings: MailSettings, ports: TurnPorts): Promise<Turn> {
  try {
    return await send(message, settings, ports);
  } catch (cause) {
    return stumbled(message, cause, ports);
  }
}

async function send(message: MailMessage, settings: MailSettings, ports: TurnPorts): Promise<Turn> {
  const { lease, queue, random } = ports;
  // Resend's webhook may tell of a mail whose answer was lost.
  if (message.isInDoubt && message.resendId !== null) {
    return withoutRequest(delivered(message.id, message.resendId));
  }
  if (message.isInDoubt && (message.doubtMs ?? 0) >= MAX_DOUBT_MS)
    return withoutRequest(lostInDoubt(message));
  const compose = ports.composers[message.kind];
  if (compose === undefined) return withoutRequest(withoutComposer(message));
  const composed = compose(message, settings, ports.sender);
  if (!composed.ok)
    return withoutRequest(notSendable(message.id, composed.verdict, composed.code, composed.message));
  const intent = await queue.intend(lease.token, message.id, composed.body);
  if (intent === null) return withoutRequest(null);
  try {
    const answer = await keepAlive(lease, ports.mailer.send(withToken(intent), intent.key));
    return { settlement: settlementOf(message, answer, random()), answer };
  } catch (cause) {
    // Whether it went out, nobody can tell.
    return stumbled({ ...message, isInDoubt: true }, cause, ports);
  }
}

function stumbled(message: MailMessage, cause: unknown, { random }: TurnPorts): Turn {
  if (endsDrain(cause)) throw cause;
  return withoutRequest(stumbledOver(message, failureText(cause), random()));
}

function log({ log }: DeliverPorts, { id, verdict, code }: MailSettlement, isSettled: boolean): void {
  log(verdict === "rejected" ? "warn" : "info", "message_settled", {
    id,
    verdict: isSettled ? verdict : "stale",
    code,
  });
}
