import type { Answer, Failed } from "../amocrm/verdict.ts";
import type { Pace } from "../outbox/port.ts";
import type { Pacer } from "./pacer.ts";

/** Watches every answer for what concerns the whole account: 429 slows, blocks and outages stop, a good probe reopens. */
export interface Guard {
  /** Looks at an answer. A failure is returned if nothing more may be sent in this drain. */
  observe(answer: Answer<unknown>): Promise<Failed | null>;
}

/** A guard that counts errors in a row; what they mean is decided in the database, by amocrm.error_policies. */
export function createGuard(pace: Pace, pacer: Pacer): Guard {
  let countInARow = 0;
  let hasStopped = false;

  async function answered(): Promise<null> {
    countInARow = 0;
    if (pacer.isProbing()) await pace.closeBreaker();
    return null;
  }

  async function judge(answer: Answer<unknown>): Promise<Failed | null> {
    if (answer.verdict === "delivered") return answered();
    const { fault } = answer;
    if (fault.code === "slot_refused") return answer;
    countInARow += 1;
    const meaning = await pace.reportFault({
      code: fault.code,
      causeCode: fault.causeCode,
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
