import { clampWaitMs } from "../amocrm/backoff.ts";
import type { Answer, Failed } from "../amocrm/verdict.ts";
import type { BreakerOpening, Pace } from "../outbox/port.ts";
import type { Pacer } from "./pacer.ts";

/** First probe after a minute, then doubling to five (design, section 2): amoCRM lifts blocks by hand, not sooner. */
const ACCOUNT_BREAKER = { firstDelaySeconds: 60, maxDelaySeconds: 300 };
/** A server in trouble is usually back in seconds. */
const SERVER_BREAKER = { firstDelaySeconds: 5, maxDelaySeconds: 300 };
/** That many server faults in a row are no accident. */
const SERVER_FAULTS_TO_OPEN = 3;
/** What a 429 without a wait costs. */
const DEFAULT_RATE_WAIT_MS = 2_000;

/** Watches every answer for what concerns the whole account: 429 slows, blocks and outages stop, a good probe reopens. */
export interface Guard {
  /** Looks at an answer. A failure is returned if nothing more may be sent in this drain. */
  observe(answer: Answer<unknown>): Promise<Failed | null>;
}

export function createGuard(pace: Pace, pacer: Pacer): Guard {
  let serverFaultCount = 0;
  let hasStopped = false;

  async function judge(answer: Answer<unknown>): Promise<Failed | null> {
    if (answer.verdict === "delivered") {
      serverFaultCount = 0;
      if (pacer.isProbing()) await pace.closeBreaker();
      return null;
    }
    const { fault } = answer;
    if (fault.code === "rate_limited") {
      await pace.slowDown(clampWaitMs(fault.waitMs ?? DEFAULT_RATE_WAIT_MS), fault.code);
      return answer;
    }
    if (!fault.isSent && fault.code === "slot_refused") return answer;
    if (fault.blame === "account") {
      await pace.openBreaker(opening(answer, ACCOUNT_BREAKER));
      return answer;
    }
    if (fault.blame === "server") {
      serverFaultCount += 1;
      if (serverFaultCount < SERVER_FAULTS_TO_OPEN && !pacer.isProbing()) return null;
      await pace.openBreaker(opening(answer, SERVER_BREAKER));
      return answer;
    }
    // A refusal of content is an answer: the server is there.
    serverFaultCount = 0;
    if (pacer.isProbing()) await pace.closeBreaker();
    return null;
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

function opening(answer: Failed, delays: typeof ACCOUNT_BREAKER): BreakerOpening {
  return { code: answer.fault.code, message: answer.fault.message, ...delays };
}
