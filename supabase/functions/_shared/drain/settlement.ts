import type { Failed } from "../amocrm/verdict.ts";
import type { End } from "../handlers/handler.ts";
import type { Duplicate, Settlement, Warning } from "../outbox/port.ts";
import type { Random } from "../platform/clock.ts";

/** The policy of what has none: a refusal by it is final. */
const FINAL = "*";

/** What came up during a message's turn besides its end. */
export interface Turn {
  warnings: Warning[];
  duplicates: Duplicate[];
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
        progress: { lookCount: end.lookCount },
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
  }
}

function settlementOfFailure({ verdict, fault }: Failed, turn: Turn): Partial<Settlement> {
  // A refusal of one item names its places already.
  const paths = fault.items
    .flatMap((item) => item.faults.map(({ code, path }) => `${path} ${code}`))
    .filter((place) => !fault.message.includes(place));
  const reason = {
    policy: fault.code,
    toldWaitMs: fault.waitMs,
    code: fault.causeCode ?? fault.code,
    message: [fault.message, ...paths].join("; "),
  };
  // A look-up that failed decides nothing: what was uncertain before stays so, and nothing was sent anew.
  if (turn.unansweredStep !== null && verdict !== "uncertain") {
    // A refused look is no refusal of what was sent before: it waits ever longer, as nothing else is known of it.
    return { ...reason, verdict: "uncertain", policy: verdict === "rejected" ? FINAL : fault.code };
  }
  switch (verdict) {
    case "uncertain":
      return { ...reason, verdict, isSent: true, progress: { lookCount: 0 } };
    case "rejected":
      return { ...reason, verdict, isSent: true };
    case "retry":
    case "blocked":
      return { ...reason, verdict: "retry", isSent: fault.isSent };
  }
}
