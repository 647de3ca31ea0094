import type { Pacer } from "./pacer.ts";
import type { FailedRequest, Pace } from "./port.ts";

/** What was asked, as the guard tells requests apart: a repeat is the same one, and so is a part of a batch. */
export interface Request {
  operation: string;
  /** The messages in it; none for what the queue asks for itself. */
  messageIds: readonly number[];
}

/** What failed of any operation, until anything at all is answered: so an outage is noticed, whatever is asked. */
const ANY_OPERATION = "*";

/** Watches every answer for what concerns the whole account: 429 slows, blocks and outages stop, a good probe reopens. */
export interface Guard<Failure extends FailedRequest> {
  /** Looks at an answer. A failure is returned if nothing more may be sent in this drain. */
  observe(answer: { verdict: "delivered" } | Failure, request: Request): Promise<Failure | null>;
  /** The operations that failed last, as a claim tells them: their next success is told to the database. */
  expectTrouble(operations: readonly string[]): void;
}

/**
 * A guard over the database, which counts how many different requests of an operation failed since it was last
 * answered, and decides by amocrm.error_policies what that means.
 */
export function createGuard<Failure extends FailedRequest>(
  pace: Pace,
  pacer: Pick<Pacer, "isProbing" | "stop">,
): Guard<Failure> {
  const troubled = new Set<string>();
  let hasStopped = false;

  async function answered({ operation }: Request, isForAll = true): Promise<null> {
    const over = [ANY_OPERATION, ...(isForAll ? [operation] : [])].filter((one) => troubled.delete(one));
    if (over.length > 0) await pace.reportAnswer(over);
    if (pacer.isProbing()) await pace.closeBreaker();
    return null;
  }

  async function judge(
    answer: { verdict: "delivered" } | Failure,
    request: Request,
  ): Promise<Failure | null> {
    if (!("fault" in answer)) return answered(request);
    const { fault } = answer;
    const meaning = await pace.reportFault({
      code: fault.code,
      causeCode: fault.causeCode ?? null,
      message: fault.message,
      toldWaitMs: fault.waitMs,
      ...request,
      isProbe: pacer.isProbing(),
    });
    // A refusal of content is an answer: the server is there. What amoCRM does not find tells nothing of the others.
    if (meaning === "harmless") return answered(request, fault.code !== "not_found");
    troubled.add(request.operation).add(ANY_OPERATION);
    return meaning === "stop" ? answer : null;
  }

  return {
    expectTrouble(operations) {
      for (const operation of operations) troubled.add(operation);
    },
    async observe(answer, request) {
      // Without a slot there is nothing to judge, and nothing to go on with.
      if ("fault" in answer && answer.fault.code === "slot_refused") return answer;
      // What was on its way together fails together: it slows down or opens once. A probe always counts.
      if (hasStopped && !pacer.isProbing()) return null;
      const failure = await judge(answer, request);
      if (failure !== null) {
        hasStopped = true;
        pacer.stop();
      }
      return failure;
    },
  };
}
