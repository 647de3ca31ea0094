import type { Guard } from "../../outbox/guard.ts";
import type { Pacer } from "../../outbox/pacer.ts";
import type { Clock, Random } from "../../platform/clock.ts";
import type { AmocrmClient } from "../api/client-port.ts";
import type { Answer, Failed } from "../api/verdict.ts";

/** How long a pull waits before it asks again whether the live lane is free. */
const LIVE_WAIT_MS = 1_000;
/** A server in trouble is given this long at most between two tries of one call. */
const MAX_RETRY_MS = 5_000;
/** That many server faults in a row are no accident: the run fails, and goes on later. */
const FAULTS_TO_FAIL = 3;

/** What is left of one call: the platform bounds its time and its CPU. */
interface Budget {
  untilMs: number;
  requestsLeft: number;
}

export interface AskPorts {
  client: AmocrmClient;
  guard: Guard<Failed>;
  pacer: Pick<Pacer, "isProbing">;
  clock: Clock;
  random: Random;
  budget: Budget;
}

/**
 * Sends one request of a pull. It steps aside while leads are due, and repeats what a server in trouble left
 * unanswered, both within the call's time. What is returned as failed ends the call.
 *
 * What a pull may not read, or a page that takes the server too long, says nothing of the leads: it opens no breaker,
 * unless the request was the probe of one that is open.
 */
export async function ask<T>(
  request: (client: AmocrmClient) => Promise<Answer<T>>,
  { client, guard, pacer, clock, random, budget }: AskPorts,
): Promise<Extract<Answer<T>, { verdict: "delivered" }> | Failed> {
  for (let faultCount = 0; ; ) {
    const answer = await request(client);
    if (answer.verdict !== "delivered" && answer.fault.causeCode === "live_due") {
      if (clock.nowMs() + LIVE_WAIT_MS >= budget.untilMs) return answer;
      await clock.sleep(LIVE_WAIT_MS);
      continue;
    }
    budget.requestsLeft -= 1;
    const isOurs =
      answer.verdict !== "delivered" &&
      (answer.fault.code === "forbidden" || answer.fault.blame !== "account") &&
      !pacer.isProbing();
    const stopped = isOurs ? null : await guard.observe(answer, { operation: "pull", messageIds: [] });
    if (answer.verdict === "delivered") return answer;
    if (stopped !== null) return stopped;
    faultCount += 1;
    const isLasting =
      answer.fault.blame === "request" ||
      answer.verdict === "blocked" ||
      // The same page again would be as large.
      answer.fault.code === "answer_too_large" ||
      faultCount >= FAULTS_TO_FAIL;
    if (isLasting || clock.nowMs() >= budget.untilMs) return answer;
    await clock.sleep(MAX_RETRY_MS * random());
  }
}
