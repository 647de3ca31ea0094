import type { Unreadable } from "../outbox/claimed.ts";
import { failureText, stumbled } from "../outbox/handler-failed.ts";
import { faultOf, NOTHING_SENT as NOTHING } from "../outbox/message-end.ts";
import type { SmsMessage } from "./message.ts";
import type { Accepted, Sent, SmsSettlement } from "./port.ts";
import type { SmsAnswer, SmsFailed } from "./verdict.ts";

/** The one request that makes an SMS. */
export const SEND_SMS = "send_sms";
/** The requests that look for one. */
export const LOOK = "sms_look";

/** Looks that saw everything and did not find it, after which a person decides. */
const MAX_LOOKS = 3;
/** Looks that could not tell, before a person decides. */
const MAX_UNCLEAR_LOOKS = 10;
/** The policy of what has none: a refusal by it is final. */
const FINAL = "*";

const NOTHING_SENT = { ...NOTHING, accepted: null, progress: null };

/** Turns the answer to a request to send into what the queue records. */
export function settlementOf(id: number, answer: SmsAnswer<Sent>, jitter: number): SmsSettlement {
  if (!("fault" in answer)) {
    return "taskId" in answer.value
      ? { ...inBackground(id, answer.value.taskId), isSent: true }
      : accepted(id, answer.value);
  }
  const { verdict, fault } = answer;
  const end = {
    ...NOTHING_SENT,
    ...faultOf(answer, jitter),
    id,
    isSent: fault.isSent,
    // What an earlier request was told is not this one's.
    progress: { taskId: null },
  };
  return { ...end, verdict: verdict === "blocked" ? "retry" : verdict };
}

/** Mobizon has the SMS. */
export function accepted(id: number, where: Accepted): SmsSettlement {
  return { ...NOTHING_SENT, id, verdict: "delivered", isSent: true, accepted: where, answered: [SEND_SMS] };
}

/** Mobizon has made a task of it: what became of that is looked up. */
export function inBackground(id: number, taskId: string): SmsSettlement {
  return {
    ...NOTHING_SENT,
    id,
    verdict: "uncertain",
    policy: "sms_in_background",
    code: "sms_in_background",
    message: "Mobizon has taken it as a background task",
    progress: { taskId },
  };
}

/** A look that failed: the SMS stays in doubt, and is looked for again. */
export function lookFailed(id: number, failed: SmsFailed, jitter: number): SmsSettlement {
  return { ...NOTHING_SENT, ...faultOf(failed, jitter), id, verdict: "uncertain" };
}

/** A look that did not find it: looked for again, and after enough looks a person decides. It is never sent again by itself. */
export function notFound({ id, lookCount }: SmsMessage, isUnclear: boolean): SmsSettlement {
  const count = lookCount + 1;
  const isOver = count >= (isUnclear ? MAX_UNCLEAR_LOOKS : MAX_LOOKS);
  return {
    ...NOTHING_SENT,
    id,
    verdict: "uncertain",
    policy: isOver ? "look_unclear" : "looked_up",
    code: isOver ? "sms_outcome_unknown" : "looked_up",
    message: isOver
      ? "Mobizon was asked and its answer was never received, and the SMS is not among its messages: look there before it is sent again"
      : "The answer was lost; the SMS is looked for at Mobizon before anything else",
    progress: { lookCount: count },
  };
}

/** Nothing can be sent, for a reason that lies in the message. */
export function notSendable(
  id: number,
  code: string,
  message: string,
  policy: string = FINAL,
): SmsSettlement {
  return { ...NOTHING_SENT, id, verdict: "rejected", policy, code, message };
}

/** A kind that only a newer version of the function can send. */
export function withoutComposer({ id, kind }: SmsMessage): SmsSettlement {
  const message = `This version of sms-drain cannot send ${kind}: deploy the functions`;
  return { ...NOTHING_SENT, id, verdict: "retry", policy: "no_handler", code: "no_handler", message };
}

/** A claimed message that this version of the function cannot read: set back by itself, and dead in the end. */
export function unreadableSettlement({ id, isUnanswered }: Unreadable, jitter: number): SmsSettlement {
  return stumbledOver(
    { id, isInDoubt: isUnanswered },
    new TypeError("The claimed message cannot be read"),
    jitter,
  );
}

/** The function stumbled over the message: tried again, and dead in the end; what is in doubt stays so. */
export function stumbledOver(
  { id, isInDoubt }: Pick<SmsMessage, "id" | "isInDoubt">,
  cause: unknown,
  jitter: number,
): SmsSettlement {
  return { ...NOTHING_SENT, ...stumbled(isInDoubt, failureText(cause), jitter), id };
}
