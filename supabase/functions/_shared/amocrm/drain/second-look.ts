import { fault } from "../api/faults.ts";
import type { Answer } from "../api/verdict.ts";
import type { Progress } from "../message.ts";
import type { Operation } from "./operation.ts";
import { readContact, readDeal } from "./operations.ts";

/** Reads of something that we know by its id, where an empty answer is taken for its deletion. */
const BY_ID: readonly string[] = [readDeal.name, readContact.name];

/** What is not shown for a moment is shown again by then; a person's requeue may come sooner. */
const SHOWN_AGAIN_AFTER_MS = 4_000;

/** What a message asked for by id and did not get, in the turn before; kept in its progress. */
export interface SecondLook {
  /** An empty answer counts only if it comes a second time, some seconds later: till then it is a failure that waits. */
  judge<Input, Output>(
    operation: Operation<Input, Output>,
    input: Input,
    answer: Answer<Output>,
  ): Answer<Output>;
  /** What is missing now, and since when; null if that is as it was. */
  missing(): Pick<Progress, "missing" | "missingAtMs"> | null;
}

/** Nothing tells why amoCRM does not show a deal or contact, so one empty answer makes no second one of it. */
export function createSecondLook(
  { missing: missingBefore = [], missingAtMs = 0 }: Pick<Progress, "missing" | "missingAtMs">,
  accountNowMs: () => number,
): SecondLook {
  const missing = new Set(missingBefore);
  const isLongEnough = () => accountNowMs() - missingAtMs >= SHOWN_AGAIN_AFTER_MS;
  return {
    judge(operation, input, answer) {
      if (!BY_ID.includes(operation.name) || answer.verdict !== "delivered") return answer;
      const key = `${operation.name}.${String(input)}`;
      if (answer.value !== null) {
        missing.delete(key);
        return answer;
      }
      if (missingBefore.includes(key) && isLongEnough()) return answer;
      missing.add(key);
      return { verdict: "retry", fault: fault("not_shown"), exchange: answer.exchange };
    },
    missing: () =>
      missing.size === missingBefore.length && missingBefore.every((key) => missing.has(key))
        ? null
        : { missing: [...missing], missingAtMs: accountNowMs() },
  };
}
