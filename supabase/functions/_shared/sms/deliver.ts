import { endsDrain } from "../outbox/ends-drain.ts";
import { createGuard, type Guard } from "../outbox/guard.ts";
import { keepAlive, type LeasePorts, type Work } from "../outbox/lease.ts";
import { createPacer, type Pacer } from "../outbox/pacer.ts";
import type { Pace } from "../outbox/port.ts";
import type { Random } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { ComposedSms, ComposeSms, LinkVariables } from "./compose.ts";
import type { SmsMessage, SmsSettings } from "./message.ts";
import { noMoney } from "./mobizon/classify.ts";
import { smsParts } from "./parts.ts";
import type { SmsQueue, SmsService, SmsSettlement } from "./port.ts";
import {
  accepted,
  inBackground,
  LOOK,
  lookFailed,
  notFound,
  notSendable,
  SEND_SMS,
  settlementOf,
  stumbledOver,
  unreadableSettlement,
  withoutComposer,
} from "./settlement.ts";
import type { SmsAnswer, SmsFailed } from "./verdict.ts";

/** One call works this long at most; the platform ends it at 150 s. */
const MAX_WORK_MS = 30_000;
/** And on this many SMS: the platform gives a call two seconds of CPU. */
const MAX_MESSAGES = 100;
/** Some seconds of pace, so that a killed drain keeps few from going on. */
const MAX_CLAIM = 10;
/** Claims of which nothing was left, one after the other: those that a bound holds back are many at once. */
const MAX_EMPTY_CLAIMS = 100;
/** As many ids as Mobizon takes in one request. */
const MAX_REPORTS = 100;

export interface SmsPorts {
  lease: LeasePorts;
  queue: SmsQueue;
  pace: Pace;
  /** The way to Mobizon, which takes its slots from this drain's pacer. */
  connect(pacer: Pacer): SmsService;
  /** By kind, for messages that do not bring their text. */
  composers: Readonly<Record<string, ComposeSms>>;
  variables: LinkVariables;
  random: Random;
  log: Log;
  /** Aborted when the platform is about to end this worker. */
  ending?: AbortSignal;
}

interface Drain extends SmsPorts {
  pacer: Pacer;
  guard: Guard<SmsFailed>;
  service: SmsService;
  isOver(): boolean;
}

/** Sends under the lease the SMS that are due, and asks what became of earlier ones. */
export async function deliverSms(ports: SmsPorts, report: Work): Promise<void> {
  const { lease } = ports;
  const { clock } = lease;
  const pacer = createPacer(ports.pace, clock, lease.token);
  const untilMs = clock.nowMs() + MAX_WORK_MS;
  const drain: Drain = {
    ...ports,
    pacer,
    guard: createGuard<SmsFailed>(ports.pace, pacer),
    service: ports.connect(pacer),
    isOver: () => clock.nowMs() >= untilMs || ports.ending?.aborted === true,
  };
  if (await askBalance(drain, report)) return;
  if (await sendDue(drain, report)) return;
  await askReports(drain, report);
}

/** True if nothing more may be sent. */
async function sendDue(drain: Drain, report: Work): Promise<boolean> {
  const { queue, guard, lease } = drain;
  let emptyClaims = 0;
  while (report.settledCount < MAX_MESSAGES && emptyClaims < MAX_EMPTY_CLAIMS) {
    const {
      settings,
      troubles,
      messages,
      shutOutCount,
      unreadable = [],
    } = await queue.claim(lease.token, MAX_CLAIM);
    guard.expectTrouble(troubles);
    const unread = unreadable.map((one) => unreadableSettlement(one, drain.random()));
    if (unread.length > 0) await record(drain, unread, report);
    if (messages.length === 0 && unread.length === 0) {
      if (shutOutCount === 0 || drain.isOver()) return false;
      emptyClaims += 1;
    }
    for (const message of messages) {
      // What was claimed goes back unsent when the drain ends.
      if (drain.isOver()) return true;
      const { settlement, answer, operation } = await takeTurn(message, settings, drain);
      if (settlement === null) continue;
      const stopped =
        answer === null ? null : await guard.observe(answer, { operation, messageIds: [message.id] });
      await record(drain, [settlement], report);
      if (stopped !== null) return stop(report, stopped);
    }
  }
  return false;
}

interface Turn {
  /** Null: the message is another drain's by now. */
  settlement: SmsSettlement | null;
  /** For the guard; null if nothing was asked. */
  answer: { verdict: "delivered" } | SmsFailed | null;
  operation: string;
}

const unasked = (settlement: SmsSettlement | null): Turn => ({
  settlement,
  answer: null,
  operation: SEND_SMS,
});

/** What goes wrong over one SMS is that one's end only. */
async function takeTurn(message: SmsMessage, settings: SmsSettings, drain: Drain): Promise<Turn> {
  let isInDoubt = message.isInDoubt;
  try {
    if (isInDoubt) return await lookFor(message, drain);
    const composed = compose(message, settings, drain);
    if (composed === null) return unasked(withoutComposer(message));
    if (!composed.ok) {
      const { verdict, code, message: reason } = composed;
      return unasked({ ...notSendable(message.id, code, reason), verdict });
    }
    const { text } = composed;
    if (text === "" || message.phone === null)
      return unasked(notSendable(message.id, "sms_empty", "The message has no text or no number"));
    const { partCount } = smsParts(text);
    if (partCount > settings.maxParts)
      return unasked(
        notSendable(
          message.id,
          "sms_too_long",
          `The text has ${partCount} parts, allowed are ${settings.maxParts}: shorten it, or raise message_settings.sms_max_parts`,
          "sms_too_long",
        ),
      );
    const name = await drain.queue.intend(drain.lease.token, message.id, text);
    if (name === null) return unasked(null);
    // From here on nobody can tell whether it went out, unless there is an answer.
    isInDoubt = true;
    const sms = { recipient: digits(message.phone), text, sender: settings.sender, name };
    const answer = await keepAlive(drain.lease, drain.service.send(sms));
    return { settlement: settlementOf(message.id, answer, drain.random()), answer, operation: SEND_SMS };
  } catch (cause) {
    if (endsDrain(cause)) throw cause;
    return unasked(stumbledOver({ id: message.id, isInDoubt }, cause, drain.random()));
  }
}

/** The message's own text, else what its kind's composer makes; null for a kind that only a newer version can send. */
function compose(
  message: SmsMessage,
  settings: SmsSettings,
  { composers, variables }: Drain,
): ComposedSms | null {
  const { text } = message.payload;
  if (typeof text === "string") return { ok: true, text: text.trim() };
  return composers[message.kind]?.(message, settings, variables) ?? null;
}

const digits = (phone: string): string => phone.replace(/\D/g, "");

/** One in doubt is looked for, and whatever comes of it, it is not sent. */
async function lookFor(message: SmsMessage, { lease, service, random }: Drain): Promise<Turn> {
  const { id, taskId, phone, campaign: name, knownCampaigns } = message;
  const ended = (settlement: SmsSettlement, answer: SmsAnswer<unknown>): Turn => ({
    settlement,
    answer: "fault" in answer ? answer : { verdict: "delivered" },
    operation: LOOK,
  });
  if (taskId !== null) {
    const state = await keepAlive(lease, service.taskState(taskId));
    if ("fault" in state) return ended(lookFailed(id, state, random()), state);
    if (state.value === "waiting") return ended(inBackground(id, taskId), state);
    if (state.value === "declined")
      return ended(
        notSendable(id, "sms_refused", "Mobizon declined the task that it had made of it", "sms_refused"),
        state,
      );
  }
  const recipient = digits(phone ?? "");
  const looked = await keepAlive(lease, service.look({ recipient, name, knownCampaigns }));
  if ("fault" in looked) return ended(lookFailed(id, looked, random()), looked);
  const { value } = looked;
  return ended(value.found === null ? notFound(message, value.isUnclear) : accepted(id, value.found), looked);
}

/** True if there is no money, so that nothing is sent that would be refused. */
async function askBalance(drain: Drain, report: Work): Promise<boolean> {
  const { queue, guard, pacer, service, lease } = drain;
  const { isBalanceDue, needsMoney } = await queue.reportsDue(0);
  if (!isBalanceDue) return false;
  const answer = await keepAlive(lease, service.balance());
  const request = { operation: "sms_balance", messageIds: [] };
  if ("fault" in answer) {
    await queue.recordBalance(null);
    // Without the balance SMS go out all the same; but this request may have been the probe.
    const stopped =
      pacer.isProbing() || answer.fault.code === "slot_refused" ? await guard.observe(answer, request) : null;
    return stopped !== null && stop(report, stopped);
  }
  await queue.recordBalance(answer.value);
  const verdict = needsMoney && answer.value.balance <= 0 ? noMoney() : { verdict: "delivered" as const };
  const stopped = await guard.observe(verdict, request);
  return stopped !== null && stop(report, stopped);
}

/** Asks what became of SMS that Mobizon has, by a hundred. */
async function askReports(drain: Drain, report: Work): Promise<void> {
  const { queue, guard, service, lease } = drain;
  while (!drain.isOver()) {
    const { ids } = await queue.reportsDue(MAX_REPORTS);
    if (ids.length === 0) return;
    const answer = await keepAlive(lease, service.statuses(ids));
    const failure = await guard.observe("fault" in answer ? answer : { verdict: "delivered" }, {
      operation: "sms_reports",
      messageIds: [],
    });
    // Also those that were asked about in vain wait for their next turn.
    await queue.recordReports(ids, "fault" in answer ? [] : answer.value);
    if (failure !== null) return void stop(report, failure);
  }
}

function stop(report: Work, { fault }: SmsFailed): true {
  report.stoppedBy = fault.causeCode ?? fault.code;
  return true;
}

async function record(
  { queue, lease, log }: Drain,
  settlements: readonly SmsSettlement[],
  report: Work,
): Promise<void> {
  const settled = await queue.settle(lease.token, settlements);
  report.settledCount += settled.size;
  for (const { id, verdict, code } of settlements) {
    log(verdict === "rejected" ? "warn" : "info", "sms_settled", {
      id,
      verdict: settled.has(id) ? verdict : "stale",
      code,
    });
  }
}
