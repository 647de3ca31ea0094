import type { FailedRequest, MessageEnd } from "./port.ts";

/** The end of a turn in which nothing left and nothing was answered; what else there is to say comes on top. */
export const NOTHING_SENT = {
  policy: null,
  isSent: false,
  toldWaitMs: null,
  jitter: 0,
  code: null,
  message: null,
  spendsAttempt: null,
  loneOperation: null,
  answered: [] as string[],
} satisfies Partial<MessageEnd>;

/** What a failed request says of the message that it was about, apart from its verdict. */
export function faultOf(
  { fault }: Pick<FailedRequest, "fault">,
  jitter: number,
): Pick<MessageEnd, "policy" | "code" | "message" | "toldWaitMs" | "jitter"> {
  return {
    policy: fault.code,
    code: fault.causeCode ?? fault.code,
    message: fault.message,
    toldWaitMs: fault.waitMs,
    jitter,
  };
}
