import { fault } from "../amocrm/faults.ts";
import type { Answer, Failed } from "../amocrm/verdict.ts";
import type { Operation } from "./operation.ts";

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
  return { ...answer, verdict: "uncertain", fault: fault("batch_refused") };
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
