import { endsDrain } from "../outbox/ends-drain.ts";
import { createGuard, type Guard } from "../outbox/guard.ts";
import { keepAlive, type LeasePorts, type Work } from "../outbox/lease.ts";
import { createPacer, type Pacer } from "../outbox/pacer.ts";
import type { Pace } from "../outbox/port.ts";
import type { Random } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { takeCampaign } from "./unisender/campaigns.ts";
import { tellContacts } from "./unisender/contacts.ts";
import { failedBy, stumbledOver } from "./unisender/settlement.ts";
import type {
  UnisenderClaim,
  UnisenderFailed,
  UnisenderQueue,
  UnisenderService,
  UnisenderSettlement,
} from "./unisender-port.ts";

/** One call works this long at most; the platform ends it at 150 s. */
const MAX_WORK_MS = 40_000;
/** As many contacts as Unisender takes in one call. */
const MAX_CLAIM = 500;
/** And so many calls' worth of them in a drain: the platform gives it two seconds of CPU. */
const MAX_SETTLED = 5_000;

export interface UnisenderPorts {
  lease: LeasePorts;
  queue: UnisenderQueue;
  pace: Pace;
  /** The way to Unisender, which takes its slots from this drain's pacer. */
  connect(pacer: Pacer): UnisenderService;
  /** The title of the list that holds all members. */
  listTitle: string;
  random: Random;
  log: Log;
  /** Aborted when the platform is about to end this worker. */
  ending?: AbortSignal;
}

interface Drain extends UnisenderPorts {
  guard: Guard<UnisenderFailed>;
  service: UnisenderService;
  isOver(): boolean;
}

/** Tells under the lease what changed, creates the campaign whose turn it is, and asks about earlier ones. */
export async function deliverToUnisender(ports: UnisenderPorts, report: Work): Promise<void> {
  const { lease } = ports;
  const { clock } = lease;
  const pacer = createPacer(ports.pace, clock, lease.token);
  const untilMs = clock.nowMs() + MAX_WORK_MS;
  const drain: Drain = {
    ...ports,
    guard: createGuard<UnisenderFailed>(ports.pace, pacer),
    service: keptAlive(lease, ports.connect(pacer)),
    isOver: () => clock.nowMs() >= untilMs || ports.ending?.aborted === true,
  };
  if (await sendDue(drain, report)) return;
  await ask(drain, report);
}

/** The same service, each of whose requests renews the lease while it lasts. */
function keptAlive(lease: LeasePorts, service: UnisenderService): UnisenderService {
  const methods = Object.entries(service).map(([name, method]) => [
    name,
    (...args: never[]) => keepAlive(lease, (method as (...all: never[]) => Promise<unknown>)(...args)),
  ]);
  return Object.fromEntries(methods) as UnisenderService;
}

/** True if nothing more may be sent. */
async function sendDue(drain: Drain, report: Work): Promise<boolean> {
  const { queue, guard, lease } = drain;
  while (report.settledCount < MAX_SETTLED && !drain.isOver()) {
    const claim = await queue.claim(lease.token, MAX_CLAIM);
    guard.expectTrouble(claim.troubles);
    if (claim.contacts.length === 0 && claim.campaigns.length === 0) return false;
    const listId = claim.listId ?? (await makeList(claim, drain, report));
    if (listId === null) return true;
    if (await tell(claim, listId, drain, report)) return true;
    for (const campaign of claim.campaigns) {
      if (drain.isOver()) return true;
      const turn = await takeCampaign(campaign, listId, drain);
      const stopped =
        turn.answer === null
          ? null
          : await guard.observe(turn.answer, { operation: turn.operation, messageIds: [campaign.id] });
      if (turn.settlement !== null) await record(drain, [turn.settlement], report);
      if (stopped !== null) return stop(report, stopped);
    }
  }
  return drain.isOver();
}

/** Tells of the claimed contacts; true if nothing more may be sent. What is left of them goes back unsent when the drain ends. */
async function tell(claim: UnisenderClaim, listId: string, drain: Drain, report: Work): Promise<boolean> {
  const { service, guard, random } = drain;
  try {
    for await (const { ends, operation, ids, answer } of tellContacts(
      claim.contacts,
      listId,
      service,
      random,
    )) {
      const stopped = ids.length === 0 ? null : await guard.observe(answer, { operation, messageIds: ids });
      if (ends.length > 0) await record(drain, ends, report);
      if (stopped !== null) return stop(report, stopped);
      if (drain.isOver()) return true;
    }
  } catch (cause) {
    if (endsDrain(cause)) throw cause;
    const ends = claim.contacts.map(({ id }) => stumbledOver(id, false, cause, random()));
    await record(drain, ends, report);
  }
  return false;
}

/** The list, made the first time; null if it cannot be had now. */
async function makeList(
  { contacts, campaigns }: UnisenderClaim,
  drain: Drain,
  report: Work,
): Promise<string | null> {
  const { service, queue, guard, listTitle, random } = drain;
  const answer = await service.list(listTitle);
  const stopped = await guard.observe(answer, { operation: "list", messageIds: [] });
  if (!("fault" in answer)) {
    await queue.storeList(answer.value);
    return answer.value;
  }
  const failure = { ...answer, verdict: "retry" as const };
  const ends = [...contacts, ...campaigns.filter(({ isInDoubt }) => !isInDoubt)].map(({ id }) => ({
    ...failedBy(id, failure, random()),
    spendsAttempt: false,
  }));
  await record(drain, ends, report);
  stop(report, stopped ?? answer);
  return null;
}

/** Asks what became of campaigns, cancels those that are to be, and once a day reads who unsubscribed there. */
async function ask(drain: Drain, report: Work): Promise<void> {
  const { queue, guard, service } = drain;
  const { campaigns, listId } = await queue.looksDue();
  const watch = async (answer: { verdict: "delivered" } | UnisenderFailed, operation: string) => {
    const stopped = await guard.observe(answer, { operation, messageIds: [] });
    return stopped !== null && stop(report, stopped);
  };
  for (const { id, campaignId, cancels, needsCount } of campaigns) {
    if (drain.isOver()) return;
    let count: number | null = null;
    if (needsCount) {
      const total = await service.campaignTotal(campaignId);
      if (await watch(total, "campaignTotal")) return;
      if (!("fault" in total)) count = total.value;
    }
    let isCanceled = false;
    if (cancels) {
      const canceled = await service.cancelCampaign(campaignId);
      isCanceled = !("fault" in canceled);
      // An error may mean that it is canceled already, or that it has begun: its state tells.
      if ("fault" in canceled && canceled.verdict === "blocked" && (await watch(canceled, "cancelCampaign")))
        return;
    }
    const status = isCanceled ? null : await service.campaignStatus(campaignId);
    if (status !== null && (await watch(status, "campaignStatus"))) return;
    await queue.recordLook(id, {
      status: status === null || "fault" in status ? null : status.value,
      count,
      isCanceled,
    });
  }
  if (listId !== null && !drain.isOver()) await readUnsubscribed(drain, listId);
}

/** What a lost call of the webhook would have told. An account that does not offer the reading is well all the same. */
async function readUnsubscribed({ queue, service, isOver, log }: Drain, listId: string): Promise<void> {
  let offset = 0;
  while (!isOver()) {
    const answer = await service.unsubscribed(listId, offset);
    if ("fault" in answer) {
      log("warn", "unisender_unsubscribed_unread", { code: answer.fault.code });
      break;
    }
    if (answer.value.count === 0) break;
    await queue.recordUnsubscribed(answer.value.emails);
    offset += answer.value.count;
  }
  await queue.unsubscribedRead();
}

function stop(report: Work, { fault }: UnisenderFailed): true {
  report.stoppedBy = fault.causeCode ?? fault.code;
  return true;
}

async function record(
  { queue, lease, log }: Drain,
  settlements: readonly UnisenderSettlement[],
  report: Work,
): Promise<void> {
  const settled = await queue.settle(lease.token, settlements);
  report.settledCount += settled.size;
  const counts = new Map<string, number>();
  for (const { verdict, code } of settlements)
    counts.set(code ?? verdict, (counts.get(code ?? verdict) ?? 0) + 1);
  for (const [outcome, count] of counts) log("info", "unisender_settled", { outcome, count });
}
