import { wholeMs } from "../platform/whole-ms.ts";
import type { MessageEnd } from "./port.ts";

/** The end of a turn as amocrm.settle takes it from every queue; a queue adds members of its own. */
export function messageEndRow(end: MessageEnd): Record<string, unknown> {
  return {
    id: end.id,
    verdict: end.verdict,
    policy: end.policy,
    is_sent: end.isSent,
    told_wait_ms: wholeMs(end.toldWaitMs),
    jitter: end.jitter,
    code: end.code,
    message: end.message,
    lone_operation: end.loneOperation,
    answered: end.answered,
    spends_attempt: end.spendsAttempt ?? null,
  };
}
