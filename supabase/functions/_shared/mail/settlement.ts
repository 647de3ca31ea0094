import type { Unreadable } from "../outbox/claimed.ts";
import { failureText, stumbled } from "../outbox/handler-failed.ts";
import { faultOf, NOTHING_SENT as NOTHING } from "../outbox/message-end.ts";
import type { MailMessage } from "./message.ts";
import type { MailSettlement } from "./port.ts";
import type { MailAnswer } from "./verdict.ts";

/** Resend forgets a key after 24 hours; from then on a repeat would be a second mail. The hour is for slow clocks. */
export const MAX_DOUBT_MS = 23 * 3_600_000;

/** The policy of what has none: a refusal by it is final. */
const FINAL = "*";
/** The policy of mails whose request is repeated because its answer was lost. */
const IN_DOUBT = "mail_in_doubt";

const NOTHING_SENT = { ...NOTHING, resendId: null };

/** The one kind of request to Resend; a mail goes alone. */
export const SEND_MAIL = "send_mail";

/** Turns the answer to a message's request into what the queue records; how it waits and what it costs is the queue's to say. */
export function settlementOf(
  { id, isInDoubt }: MailMessage,
  answer: MailAnswer,
  jitter: number,
): MailSettlement {
  if (answer.verdict === "delivered") return delivered(id, answer.resendId);
  const { fault, verdict } = answer;
  const base = {
    ...NOTHING_SENT,
    ...faultOf(answer, jitter),
    id,
  };
  if (verdict === "rejected") return { ...base, verdict, isSent: true };
  if (verdict === "uncertain") return { ...base, verdict, policy: IN_DOUBT };
  // What went out before without an answer stays in doubt, whatever became of the repeat.
  if (isInDoubt) return { ...base, verdict: "uncertain" };
  // Should it be refused for this one alone, time and again, it is this one's after all.
  const loneOperation = fault.code === "mail_refused_unexplained" ? SEND_MAIL : null;
  return { ...base, verdict: "retry", isSent: fault.isSent, loneOperation };
}

/** Resend has the mail. */
export function delivered(id: number, resendId: string): MailSettlement {
  return {
    ...NOTHING_SENT,
    id,
    verdict: "delivered",
    isSent: true,
    resendId,
    answered: [SEND_MAIL],
  };
}

/** Nothing can be sent, for a reason that lies in the message. */
export function notSendable(
  id: number,
  verdict: "rejected" | "superseded",
  code: string,
  message: string,
): MailSettlement {
  return { ...NOTHING_SENT, id, verdict, policy: FINAL, code, message };
}

/** A claimed message that this version of the function cannot read: set back by itself, and dead in the end. */
export function unreadableSettlement({ id, isUnanswered }: Unreadable, jitter: number): MailSettlement {
  const cause = new TypeError("The claimed message cannot be read");
  return stumbledOver({ id, isInDoubt: isUnanswered }, failureText(cause), jitter);
}

/** The function stumbled over the message: tried again, and dead in the end; what is in doubt stays so. */
export function stumbledOver(
  { id, isInDoubt }: Pick<MailMessage, "id" | "isInDoubt">,
  message: string,
  jitter: number,
): MailSettlement {
  return { ...NOTHING_SENT, ...stumbled(isInDoubt, message, jitter), id };
}

/** A kind that only a newer version of the function can send. */
export function withoutComposer({ id, kind, isInDoubt }: MailMessage): MailSettlement {
  const message = `This version of message-drain cannot send ${kind}: deploy the functions`;
  return {
    ...NOTHING_SENT,
    id,
    verdict: isInDoubt ? "uncertain" : "retry",
    policy: "no_handler",
    code: "no_handler",
    message,
  };
}

/** Nobody can tell any more whether the mail went out, and a repeat is no longer safe: a person has to look. */
export function lostInDoubt({ id, doubtMs }: MailMessage): MailSettlement {
  const hours = Math.floor((doubtMs ?? 0) / 3_600_000);
  return notSendable(
    id,
    "rejected",
    "outcome_unknown",
    `Resend was asked ${hours} hours ago and its answer was never received; it remembers a request for 24 hours only. ` +
      `Look for the mail in Resend's list; if it is not there: select amocrm_requeue(${id})`,
  );
}
