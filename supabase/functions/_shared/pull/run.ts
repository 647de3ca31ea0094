import { PAGE_SIZE_MAX } from "../amocrm/limits.ts";
import type { Failed } from "../amocrm/verdict.ts";
import { LeaseLostError } from "../outbox/port.ts";
import { advance, afterNamed, OrderIgnoredError, pagesLeft, walkInstead } from "./advance.ts";
import { type AskPorts, ask } from "./ask.ts";
import type { Pull, Pulls } from "./port.ts";
import { type At, firstPosition, type Position } from "./position.ts";
import { readNamed, readPage } from "./read-page.ts";

/** More missing deals than this are not worth a request each, where the account ignores the filter by id. */
const MOST_SINGLE_READS = 20;
/** Refusals that are nobody's failure: the run goes on later where it stands. */
const WAITS = ["slot_refused", "rate_limited"];

export interface RunPorts extends AskPorts {
  pulls: Pulls;
  token: string;
  ending?: AbortSignal | undefined;
}

/** How one run left off: through; out of the call's budget; or stopped, by a code. */
export type RunEnd = { kind: "through" } | { kind: "budget" } | { kind: "stopped"; code: string };

/** Goes on with a run until it is through or the call's budget is spent. What fails is recorded, and the position stays. */
export async function runPull(pull: Pull, now: string, ports: RunPorts): Promise<RunEnd> {
  try {
    return await readOn(pull, pull.position ?? beginningOf(pull, now), ports);
  } catch (error) {
    if (error instanceof OrderIgnoredError) return await fail(pull, error.code, error.message, ports);
    if (!(error instanceof LeaseLostError)) {
      // The function reports the error itself; the run's record must not wait for another to be found dead.
      await fail(pull, "worker_failed", "See the logs of the function amocrm-pull", ports).catch(
        () => undefined,
      );
    }
    throw error;
  }
}

function beginningOf({ entity, kind, since, changedUntil, deletedUntil }: Pull, now: string): Position {
  const seconds = (at: string | null) => (at === null ? null : Math.floor(Date.parse(at) / 1000));
  return firstPosition({
    entity,
    kind,
    now: seconds(now) ?? 0,
    since: seconds(since),
    changedUntil: seconds(changedUntil),
    deletedUntil: seconds(deletedUntil),
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
    position = step.position;
  }
  await pulls.finish(token, pull.id, new Date(position.startedAt * 1000).toISOString());
  return { kind: "through" };
}

type Step = Pick<Parameters<Pulls["page"]>[2], "rows" | "position" | "asked">;

async function stepList(pull: Pull, position: Position, ports: RunPorts): Promise<Step | Failed> {
  const answer = await ask((client) => readPage(client, pull.entity, position), ports);
  if (answer.verdict === "delivered") {
    return { rows: answer.value.rows, position: advance(pull.entity, position, answer.value), asked: [] };
  }
  // An account that gives no list of what was deleted is mirrored all the same; tombstones are then made where a deleted
  // contact or deal is met.
  const isWithheld = answer.verdict === "rejected" || answer.fault.code === "forbidden";
  if (position.phase !== "deleted" || !isWithheld) return answer;
  const nothing = { rows: [], hasMore: false, filterIgnored: true };
  return { rows: [], position: advance(pull.entity, position, nothing), asked: [] };
}

async function stepNamed(position: At<"named">, ports: RunPorts): Promise<Step | "skip" | Failed> {
  const missing = await ports.pulls.missing(PAGE_SIZE_MAX);
  if (missing.length === 0) return "skip";
  const asked = position.isSingle ? missing.slice(0, 1) : missing;
  const answer = await ask((client) => readNamed(client, asked, position.isSingle), ports);
  if (answer.verdict !== "delivered") return answer;
  const { rows, filterIgnored } = answer.value;
  if (!filterIgnored) return { rows, position, asked };
  // What came unasked tells nothing of the deals that did not come.
  return missing.length > MOST_SINGLE_READS
    ? { rows, position: walkInstead(position), asked: null }
    : { rows, position: { ...position, isSingle: true }, asked: [] };
}

async function stop(pull: Pull, { fault }: Failed, ports: RunPorts): Promise<RunEnd> {
  if (WAITS.includes(fault.code)) return { kind: "stopped", code: fault.causeCode ?? fault.code };
  return await fail(pull, fault.code, fault.message, ports);
}

async function fail(pull: Pull, code: string, message: string, ports: RunPorts): Promise<RunEnd> {
  await ports.pulls.fail(ports.token, pull.id, code, message);
  return { kind: "stopped", code };
}
