import type { MessageEnd } from "./port.ts";
import { StoreError } from "./store-error.ts";

/** The policy of a message that the function itself stumbled over, by amocrm.error_policies. */
export const HANDLER_FAILED = "handler_failed";

/** The file and line where an error was thrown, as engines write them into a stack. */
const PLACE = /([\w.-]+\.[jt]s:\d+)/;
const NAME = /^\w{1,60}$/;

/** What a person is told of the error. Its own text stays out: it may quote what somebody typed. */
export function failureText(cause: unknown): string {
  const name = cause instanceof Error && NAME.test(cause.name) ? cause.name : "an error without a name";
  return `The function stumbled over this message: ${name}${cause instanceof Error ? placeOf(cause) : ""}`;
}

/** The end of a message that the function stumbled over: tried again, and dead in the end; what is in doubt stays so. */
export function stumbled(
  isInDoubt: boolean,
  message: string,
  jitter: number,
): Pick<MessageEnd, "verdict" | "policy" | "spendsAttempt" | "jitter" | "code" | "message"> {
  return {
    verdict: isInDoubt ? "uncertain" : "retry",
    policy: HANDLER_FAILED,
    spendsAttempt: true,
    jitter,
    code: HANDLER_FAILED,
    message,
  };
}

function placeOf(error: Error): string {
  if (error instanceof StoreError) return ` ${error.sqlState} of ${error.functionName}`;
  const stack = error.stack ?? "";
  const [, place] = PLACE.exec(stack.slice(stack.indexOf("\n"))) ?? [];
  return place === undefined ? "" : ` at ${place}`;
}
