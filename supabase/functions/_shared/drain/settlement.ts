import { backoffMs, clampWaitMs } from "../amocrm/backoff.ts";
import type { Failed } from "../amocrm/verdict.ts";
import type { End } from "../handlers/handler.ts";
import { FIRST_LOOK_WAIT_MS } from "../handlers/look-up.ts";
import type { Message } from "../outbox/message.ts";
import type { Duplicate, Settlement, Warning } from "../outbox/port.ts";
import type { Random } from "../platform/clock.ts";

/** A server in trouble is asked again after about this long; the breaker takes over if it stays so. */
const SERVER_FAULT_WAIT_MS = 5_000;

/** What came up during a message's turn besides its end. */
export interface Turn {
  warnings: Warning[];
  duplicates: Duplicate[];
  /** The create whose answer is not known at the end of the turn. */
  unansweredStep: string | null;
}

/** Turns the end of a message's turn into what the queue records. Only what the request itself is to blame for spends an attempt. */
export function settlementOf(message: Message, end: End, turn: Turn, random: Random): Settlement {
  const base: Settlement = {
    id: message.id,
    verdict: "retry",
    spendsAttempt: false,
    waitMs: 0,
    code: null,
    message: null,
    contactId: null,
    dealId: null,
    progress: {},
    warnings: turn.warnings,
    duplicates: turn.duplicates,
  };
  switch (end.kind) {
    case "delivered":
      return {
        ...base,
        verdict: "delivered",
        spendsAttempt: true,
        contactId: end.contactId,
        dealId: end.dealId,
        code: end.reason?.code ?? null,
        message: end.reason?.message ?? null,
      };
    case "superseded":
      return { ...base, verdict: "superseded", code: end.code, message: end.message };
    case "waiting":
      return {
        ...base,
        // Waiting decides nothing: what was sent without an answer is still to be looked for.
        verdict: turn.unansweredStep === null ? "retry" : "uncertain",
        code: end.code,
        message: end.message,
        waitMs: end.waitMs,
      };
    case "unanswered":
      return {
        ...base,
        verdict: "uncertain",
        code: end.code,
        message: end.message,
        waitMs: end.waitMs,
        progress: { lookCount: end.lookCount },
      };
    case "rejected":
      return { ...base, verdict: "rejected", spendsAttempt: true, code: end.code, message: end.message };
    case "failed":
      return { ...base, ...settlementOfFailure(message, end.failed, turn, random) };
  }
}

function settlementOfFailure(
  message: Message,
  failed: Failed,
  turn: Turn,
  random: Random,
): Partial<Settlement> {
  const { verdict, fault } = failed;
  const paths = fault.items.flatMap((item) => item.faults.map(({ code, path }) => `${path}: ${code}`));
  const reason = { code: fault.causeCode ?? fault.code, message: [fault.message, ...paths].join("; ") };
  // A look-up that failed decides nothing: what was uncertain before stays so.
  if (turn.unansweredStep !== null && verdict !== "uncertain" && verdict !== "rejected") {
    return { ...reason, verdict: "uncertain", waitMs: waitOf(message, failed, random) };
  }
  switch (verdict) {
    case "uncertain":
      return {
        ...reason,
        verdict,
        spendsAttempt: true,
        waitMs: FIRST_LOOK_WAIT_MS,
        progress: { lookCount: 0 },
      };
    case "rejected":
      return { ...reason, verdict, spendsAttempt: true };
    case "retry":
    case "blocked":
      return {
        ...reason,
        verdict: "retry",
        spendsAttempt: fault.blame === "request" && fault.isSent,
        waitMs: waitOf(message, failed, random),
      };
  }
}

function waitOf(message: Message, { verdict, fault }: Failed, random: Random): number {
  // While the account is blocked the breaker decides when sending goes on, not each message.
  if (verdict === "blocked" || fault.code === "slot_refused") return 0;
  if (fault.waitMs !== null) return clampWaitMs(fault.waitMs);
  if (fault.blame === "request") return backoffMs(message.attemptCount, random);
  return SERVER_FAULT_WAIT_MS * (1 + random());
}
