import { fault } from "../api/faults.ts";
import type { Answer, Failed, FaultCode } from "../api/verdict.ts";
import type { Operation } from "./operation.ts";

/** A failure says of which request it was. */
export function ofRequest<T>(answer: Answer<T>, request: NonNullable<Failed["request"]>): Answer<T> {
  return answer.verdict === "delivered" ? answer : { ...answer, request };
}

/** An item that a 2xx answer leaves out: a create may have happened, a read tells nothing. */
export function unmentioned(operation: Operation<unknown, unknown>, answer: Answer<unknown>): Failed {
  const message = `amoCRM's answer to ${operation.name} does not mention the item`;
  return {
    verdict: operation.kind === "create" ? "uncertain" : "retry",
    fault: fault("unexpected_answer", { message }),
    exchange: answer.exchange,
  };
}

/** An item of a batch that was refused for another one: whether it was written is not documented. */
export function refusedAlong(answer: Failed): Failed {
  // Without a name the batch is cut in half.
  const shrinksBatch = answer.fault.items.length === 0;
  return { ...answer, verdict: "uncertain", fault: fault("batch_refused", { shrinksBatch }) };
}

/** Refusals that content or size may be the reason of, so that a smaller request may pass. */
const SPLIT_CODES = new Set<FaultCode>(["refusal_unexplained", "refusal_unreadable", "payload_too_large"]);

/** A refused batch of which nobody said which item is at fault: its halves tell. */
export function isSplit({ fault }: Failed): boolean {
  return SPLIT_CODES.has(fault.code);
}

/**
 * A 404 for something that amoCRM has all the same: it says nothing against the message, and what it refuses may be the
 * account's to mend. Certainly nothing was done.
 */
export function disputed(failed: Failed): Failed {
  const message = `amoCRM answers 404 to ${failed.request?.operation ?? "the request"}, although it has what the request names`;
  return { ...failed, verdict: "retry", fault: fault("refused", { message }) };
}

/** A call that was still waiting when sending stopped. */
export function notSent(stopped: Failed): Failed {
  return { ...stopped, verdict: "blocked", fault: { ...stopped.fault, isSent: false, items: [] } };
}

/** A message that another drain holds by now. */
export function leaseGone(step: string): Failed {
  const message = `The message was taken by another drain before ${step}`;
  return {
    verdict: "blocked",
    fault: fault("slot_refused", { causeCode: "lease_lost", message, isSent: false }),
    exchange: { method: "POST", path: "", httpStatus: null, durationMs: 0, waitedMs: 0, itemCount: 0 },
  };
}
