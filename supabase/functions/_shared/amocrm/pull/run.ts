import { LeaseLostError } from "../../outbox/port.ts";
import type { AccountClock } from "../api/account-clock.ts";
import type { Failed, FaultCode } from "../api/verdict.ts";
import { FILTER_IDS_MAX } from "../rules/limits.ts";
import { advance, afterNamed, pagesLeft, walkInstead } from "./advance.ts";
import { type AskPorts, ask } from "./ask.ts";
import { orderById } from "./order.ts";
import type { Pull, Pulls } from "./port.ts";
import { type At, firstPosition, type Position, type PullEntity } from "./position.ts";
import { readNamed, readPage } from "./read-page.ts";
import { shrink } from "./shrink.ts";

/** More than this are not worth a request each, where the account ignores the filter by id. */
export const MAX_SINGLE_READS = 20;
/** How a gateway in front of amoCRM refuses a long address, beside the statuses that say so. */
export const ADDRESS_REFUSALS: readonly FaultCode[] = ["refusal_unreadable", "refusal_unexplained"];
/** What is wrong with the one deal that was asked for alone, and with nothing else. */
const OWN_FAULTS: readonly FaultCode[] = ["answer_too_large", "unexpected_answer"];
/** Refusals that are nobody's failure: the run goes on later where it stands. */
export const WAITS: readonly string[] = ["slot_refused", "rate_limited"];

/** An answer that tells another clock by more than this makes a window another one. */
const CLOCK_MOVED_SECONDS = 15;

export interface RunPorts extends AskPorts {
  accountClock: AccountClock;
  pulls: Pulls;
  token: string;
  ending?: AbortSignal | undefined;
}

/** How one run left off: through; out of the call's budget; or stopped, by a code. */
export type RunEnd = { kind: "through" } | { kind: "budget" } | { kind: "stopped"; code: string };

/** Goes on with a run until it is through or the call's budget is spent. What fails is recorded, and the position stays. */
export async function runPull(pull: Pull, now: string, ports: RunPorts): Promise<RunEnd> {
  try {
    return await readOn(pull, pull.position ?? beginningOf(pull, now, ports), ports);
  } catch (error) {
    if (!(error instanceof LeaseLostError)) {
      // The function reports the error itself; the run's record must not wait for another to be found dead.
      await fail(pull, "worker_failed", "See the logs of the function amocrm-pull", ports).catch(
        () => undefined,
      );
    }
    throw error;
  }
}

function beginningOf(pull: Pull, now: string, { accountClock }: RunPorts): Position {
  const { entity, kind, since, changedUntil, deletedUntil } = pull;
  const seconds = (at: string | null) => (at === null ? null : Math.floor(Date.parse(at) / 1000));
  return firstPosition({
    entity,
    kind,
    now: seconds(now) ?? 0,
    since: seconds(since),
    changedUntil: seconds(changedUntil),
    deletedUntil: seconds(deletedUntil),
    clockOffset: Math.round((accountClock.offsetMs() ?? pull.clockOffsetMs ?? 0) / 1000),
  });
}

async function readOn(pull: Pull, from: Position, ports: RunPorts): Promise<RunEnd> {
  const { pulls, token, budget, clock } = ports;
  let position = from;
  while (position.phase !== "through") {
    if (budget.requestsLeft <= 0 || clock.nowMs() >= budget.untilMs || ports.ending?.aborted === true) {
      return { kind: "budget" };
    }
    const step: Step | "skip" | Failed =
      position.phase === "named" ? await stepNamed(position, ports) : await stepList(pull, position, ports);
    if (step === "skip") {
      if (position.phase === "named") position = afterNamed(position);
      continue;
    }
    if ("verdict" in step) return await stop(pull, step, ports);
    const stored = await pulls.page(token, pull.id, { ...step, pagesLeft: pagesLeft(step.position) });
    if (stored.isRefused) {
      const message = `amoCRM lists ${stored.deletedCount} more ${pull.entity}s as deleted, over a fifth of the mirror: check the rights of the integration's user, or accept it with pull --accept-deletions`;
      return await fail(pull, "mass_deletion", message, ports);
    }
    await tellDisorder(pull.entity, position, step, pulls);
    position = step.position;
  }
  await pulls.finish(token, pull.id, new Date(position.startedAt * 1000).toISOString());
  return { kind: "through" };
}

type Step = Pick<Parameters<Pulls["page"]>[2], "rows" | "position" | "asked">;

async function stepList(pull: Pull, position: Position, ports: RunPorts): Promise<Step | Failed> {
  const answer = await ask((client) => readPage(client, pull.entity, position), ports);
  if (answer.verdict === "delivered") {
    const next = advance(pull.entity, position, {
      ...answer.value,
      droppedCount: answer.exchange.droppedCount ?? 0,
    });
    return { rows: answer.value.rows, position: byTheirClock(position, next, ports), asked: [] };
  }
  if (answer.fault.shrinksBatch) {
    const smaller = shrink(position);
    if (smaller !== null) return { rows: [], position: smaller, asked: [] };
    if (answer.fault.code === "answer_too_large") {
      await ports.pulls.setAside(pull.entity, null, "Its answer alone is too large to be read");
      const unread = { rows: [], hasMore: true, filterIgnored: false, droppedCount: 1 };
      return { rows: [], position: advance(pull.entity, position, unread), asked: [] };
    }
  }
  // An account that gives no list of what was deleted is mirrored all the same; tombstones are then made where a deleted
  // contact or deal is met.
  const isWithheld = answer.fault.blame === "request" || answer.fault.code === "forbidden";
  if (position.phase !== "deleted" || !isWithheld) return answer;
  const nothing = { rows: [], hasMore: false, filterIgnored: true };
  return { rows: [], position: advance(pull.entity, position, nothing), asked: [] };
}

/** A row that stands out of the order by id is in the mirror as it was listed, and named: its id may not be its own. */
async function tellDisorder(entity: PullEntity, asked: Position, { rows, position }: Step, pulls: Pulls) {
  if (position.isUnordered && !asked.isUnordered)
    await pulls.setAside(entity, null, "Listed in another order than by id");
  const isById =
    asked.phase === "probe" || asked.phase === "walk" || (asked.phase === "changed" && asked.order === "id");
  if (!isById || position.isUnordered) return;
  for (const id of orderById(rows).oddIds) await pulls.setAside(entity, id, "Listed out of the order by id");
}

/** A window begins by the clock that amoCRM has now; its first page is asked for again if that was another one. */
function byTheirClock(asked: Position, next: Position, { accountClock }: RunPorts): Position {
  const offsetMs = accountClock.offsetMs();
  if (offsetMs === null) return next;
  const clockOffset = Math.round(offsetMs / 1000);
  const hasMoved = Math.abs(clockOffset - asked.clockOffset) > CLOCK_MOVED_SECONDS;
  if (asked.phase === "changed" && asked.page === 1 && hasMoved) return { ...asked, clockOffset };
  return next.phase === "changed" && next.page === 1 ? { ...next, clockOffset } : next;
}

async function stepNamed(position: At<"named">, ports: RunPorts): Promise<Step | "skip" | Failed> {
  const missing = await ports.pulls.missing(Math.min(FILTER_IDS_MAX, position.limit));
  if (missing.length === 0) return "skip";
  const asked = position.isSingle ? missing.slice(0, 1) : missing;
  const answer = await ask((client) => readNamed(client, asked, position.isSingle), ports);
  if (answer.verdict !== "delivered") return await unreadNamed(answer, asked, position, ports);
  const { rows, filterIgnored } = answer.value;
  const isWhole = !filterIgnored && (answer.exchange.droppedCount ?? 0) === 0;
  if (isWhole) return { rows, position, asked };
  // What came unasked tells nothing of the deals that did not come.
  return missing.length > MAX_SINGLE_READS
    ? { rows, position: walkInstead(position), asked: null }
    : { rows, position: { ...position, isSingle: true }, asked: [] };
}

/** Fewer deals at a time where the address or the answer was too long; one whose answer alone cannot be read is left out. */
async function unreadNamed(
  answer: Failed,
  asked: readonly number[],
  position: At<"named">,
  ports: RunPorts,
): Promise<Step | Failed> {
  const { code, shrinksBatch } = answer.fault;
  const smaller =
    !position.isSingle && (shrinksBatch || ADDRESS_REFUSALS.includes(code)) ? shrink(position) : null;
  if (smaller !== null) return { rows: [], position: smaller, asked: [] };
  if (!position.isSingle || !OWN_FAULTS.includes(code)) return answer;
  const reason =
    code === "answer_too_large"
      ? "Its answer alone is too large to be read"
      : "Its answer has a shape that cannot be read";
  for (const id of asked) await ports.pulls.setAside("deal", id, reason);
  return { rows: [], position, asked };
}

async function stop(pull: Pull, { fault }: Failed, ports: RunPorts): Promise<RunEnd> {
  if (WAITS.includes(fault.code)) return { kind: "stopped", code: fault.causeCode ?? fault.code };
  return await fail(pull, fault.code, fault.message, ports);
}

async function fail(pull: Pull, code: string, message: string, ports: RunPorts): Promise<RunEnd> {
  await ports.pulls.fail(ports.token, pull.id, code, message);
  return { kind: "stopped", code };
}
