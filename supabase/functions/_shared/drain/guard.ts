import type { Failed } from "../amocrm/verdict.ts";
import type { Pace } from "../outbox/port.ts";
import type { Pacer } from "./pacer.ts";

/** What the guard looks at in a failed request, whichever system failed it. */
export interface FailedRequest {
  verdict: Failed["verdict"];
  fault: Pick<Failed["fault"], "message" | "waitMs"> & { code: string; causeCode?: string | null };
}

/** Watches every answer for what concerns the whole account: 429 slows, blocks and outages stop, a good probe reopens. */
export interface Guard<Failure extends FailedRequest = Failed> {
  /** Looks at an answer. A failure is returned if nothing more may be sent in this drain. */
  observe(answer: { verdict: "delivered" } | Failure): Promise<Failure | null>;
}

/** A guard that counts errors in a row; what they mean is decided in the database, by amocrm.error_policies. */
export function createGuard<Failure extends FailedRequest = Failed>(
  pace: Pace,
  pacer: Pacer,
): Guard<Failure> {
  let countInARow = 0;
  let hasStopped = false;

  async function answered(): Promise<null> {
    countInARow = 0;
    if (pacer.isProbing()) await pace.closeBreaker();
    return null;
  }

  async function judge(answer: { verdict: "delivered" } | Failure): Promise<Failure | null> {
    if (!("fault" in answer)) return answered();
    const { fault } = answer;
    if (fault.code === "slot_refused") return answer;
    countInARow += 1;
    const meaning = await pace.reportFault({
      code: fault.code,
      causeCode: fault.causeCode ?? null,
      message: fault.message,
      toldWaitMs: fault.waitMs,
      count: countInARow,
      isProbe: pacer.isProbing(),
    });
    if (meaning === "stop") return answer;
    // A refusal of content is an answer: the server is there.
    return meaning === "harmless" ? answered() : null;
  }

  return {
    async observe(answer) {
      // What was on its way together fails together: it slows down or opens once. A probe always counts.
      if (hasStopped && !pacer.isProbing()) return null;
      const failure = await judge(answer);
      hasStopped ||= failure !== null;
      return failure;
    },
  };
}
