import { fault } from "../api/faults.ts";
import type { Answer } from "../api/verdict.ts";
import type { Operation } from "./operation.ts";
import { readContact, readDeal } from "./operations.ts";

/** Reads of something that we know by its id, where an empty answer is taken for its deletion. */
const BY_ID: readonly string[] = [readDeal.name, readContact.name];

/** What a message asked for by id and did not get, in the turn before; kept in its progress. */
export interface SecondLook {
  /** An empty answer counts only if it comes a second time, in a later turn: till then it is a failure that waits. */
  judge<Input, Output>(
    operation: Operation<Input, Output>,
    input: Input,
    answer: Answer<Output>,
  ): Answer<Output>;
  /** What is missing now; null if that is as it was. */
  missing(): string[] | null;
}

/** Nothing tells why amoCRM does not show a deal or contact, so one empty answer makes no second one of it. */
export function createSecondLook(missingBefore: readonly string[]): SecondLook {
  const missing = new Set(missingBefore);
  return {
    judge(operation, input, answer) {
      if (!BY_ID.includes(operation.name) || answer.verdict !== "delivered") return answer;
      const key = `${operation.name}.${String(input)}`;
      if (answer.value !== null) {
        missing.delete(key);
        return answer;
      }
      if (missingBefore.includes(key)) return answer;
      missing.add(key);
      return { verdict: "retry", fault: fault("not_shown"), exchange: answer.exchange };
    },
    missing: () =>
      missing.size === missingBefore.length && missingBefore.every((key) => missing.has(key))
        ? null
        : [...missing],
  };
}
