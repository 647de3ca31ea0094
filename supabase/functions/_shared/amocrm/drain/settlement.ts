import { HANDLER_FAILED } from "../../outbox/handler-failed.ts";
import type { Random } from "../../platform/clock.ts";
import { isUnaccused } from "../api/faults.ts";
import type { Failed } from "../api/verdict.ts";
import type { End } from "../handler.ts";
import type { Duplicate, Settlement, Warning } from "./port.ts";

/** The policy of what has none: a refusal by it is final. */
const FINAL = "*";

/** What came up during a message's turn besides its end. */
export interface Turn {
  warnings: Warning[];
  duplicates: Duplicate[];
  /** Operations that were answered. */
  answered: Set<string>;
  /** The create whose answer is not known at the end of the turn. */
  unansweredStep: string | null;
}

/** Turns the end of a message's turn into what the queue records; how it waits and what it costs is the queue's to say. */
export function settlementOf(id: number, end: End, turn: Turn, random: Random): Settlement {
  const base: Settlement = {
    id,
    verdict: "retry",
    policy: null,
    isSent: false,
    toldWaitMs: null,
    jitter: random(),
    code: null,
    message: null,
    spendsAttempt: null,
    loneOperation: null,
    failedInCompany: false,
    answered: [...turn.answered],
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
        isSent: true,
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
        policy: end.code,
        code: end.code,
        message: end.message,
      };
    case "unanswered":
      return {
        ...base,
        verdict: "uncertain",
        policy: end.code,
        code: end.code,
        message: end.message,
        progress: {
          lookCount: end.lookCount,
          ...(end.refusedAlongAtMs !== undefined && { refusedAlong: true, absentAtMs: end.refusedAlongAtMs }),
          ...(end.companyLimit !== undefined && { companyLimit: end.companyLimit }),
          ...(end.isGivenUp && { isGivenUp: true }),
        },
      };
    case "rejected":
      return {
        ...base,
        verdict: "rejected",
        policy: FINAL,
        isSent: true,
        code: end.code,
        message: end.message,
      };
    case "failed":
      return { ...base, ...settlementOfFailure(end.failed, turn) };
    case "stumbled":
      return {
        ...base,
        verdict: turn.unansweredStep === null ? "retry" : "uncertain",
        policy: HANDLER_FAILED,
        spendsAttempt: true,
        code: HANDLER_FAILED,
        message: end.message,
      };
  }
}

function settlementOfFailure(failed: Failed, turn: Turn): Partial<Settlement> {
  const { verdict, fault, request } = failed;
  // Nobody says that it lies in the message; should it fail for this one alone, time and again, that says it.
  const isNobodys = verdict !== "rejected" && (fault.blame === "server" || isUnaccused(fault));
  // A refusal of one item names its places already.
  const paths = fault.items
    .flatMap((item) => item.faults.map(({ code, path }) => `${path} ${code}`))
    .filter((place) => !fault.message.includes(place));
  const reason = {
    policy: fault.code,
    toldWaitMs: fault.waitMs,
    code: fault.causeCode ?? fault.code,
    message: [fault.message, ...paths].join("; "),
    loneOperation: isNobodys && request?.messageCount === 1 ? request.operation : null,
    failedInCompany: verdict === "uncertain" && fault.blame === "server" && (request?.messageCount ?? 1) > 1,
  };
  // A look-up that failed decides nothing: what was uncertain before stays so, and nothing was sent anew.
  if (turn.unansweredStep !== null && verdict !== "uncertain") {
    // A refused look is no refusal of what was sent before: it waits ever longer, as nothing else is known of it.
    return { ...reason, verdict: "uncertain", policy: verdict === "rejected" ? FINAL : fault.code };
  }
  switch (verdict) {
    case "uncertain":
      return {
        ...reason,
        verdict,
        isSent: true,
        // It was refused, and by nobody's known fault: only whether it was done all the same is looked for.
        spendsAttempt: isUnaccused(fault) ? false : null,
        progress: { lookCount: 0 },
      };
    case "rejected":
      return { ...reason, verdict, isSent: true };
    case "retry":
    case "blocked":
      return { ...reason, verdict: "retry", isSent: fault.isSent };
  }
}
