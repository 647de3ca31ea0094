import { backoffMs, clampWaitMs } from "../amocrm/backoff.ts";
import type { Random } from "../platform/clock.ts";
import type { MailMessage } from "./message.ts";
import type { MailSettlement } from "./port.ts";
import type { MailAnswer, MailFailed } from "./verdict.ts";

/** Resend forgets a key after 24 hours; from then on a repeat would be a second mail. The hour is for slow clocks. */
export const LONGEST_DOUBT_MS = 23 * 3_600_000;

/** A server in trouble is asked again after about this long; the breaker takes over if it stays so. */
const SERVER_FAULT_WAIT_MS = 15_000;

/** Turns the answer to a message's request into what the queue records. */
export function settlementOf(message: MailMessage, answer: MailAnswer, random: Random): MailSettlement {
  if (answer.verdict === "delivered") return delivered(message, answer.resendId);
  const { fault, verdict } = answer;
  const base = {
    id: message.id,
    code: fault.causeCode ?? fault.code,
    message: fault.message,
    resendId: null,
  };
  if (verdict === "rejected") return { ...base, verdict, spendsAttempt: true, waitMs: 0 };
  // What went out before without an answer stays in doubt, whatever became of the repeat.
  if (verdict === "uncertain" || message.isInDoubt) {
    return {
      ...base,
      verdict: "uncertain",
      spendsAttempt: verdict === "uncertain",
      waitMs: waitOf(message, answer, random),
    };
  }
  return {
    ...base,
    verdict: "retry",
    spendsAttempt: fault.blame === "request",
    waitMs: waitOf(message, answer, random),
  };
}

/** Resend has the mail. */
export function delivered(message: MailMessage, resendId: string): MailSettlement {
  return {
    id: message.id,
    verdict: "delivered",
    spendsAttempt: true,
    waitMs: 0,
    code: null,
    message: null,
    resendId,
  };
}

/** The message's turn ended before anything was sent. */
export function unsent(
  message: MailMessage,
  verdict: "retry" | "rejected" | "superseded",
  code: string,
  text: string,
  waitMs = 0,
): MailSettlement {
  return {
    id: message.id,
    // Waiting decides nothing: what is in doubt stays so.
    verdict: verdict === "retry" && message.isInDoubt ? "uncertain" : verdict,
    spendsAttempt: false,
    waitMs,
    code,
    message: text,
    resendId: null,
  };
}

/** Nobody can tell any more whether the mail went out, and a repeat is no longer safe: a person has to look. */
export function lostInDoubt(message: MailMessage): MailSettlement {
  const hours = Math.floor((message.doubtMs ?? 0) / 3_600_000);
  return unsent(
    message,
    "rejected",
    "outcome_unknown",
    `Resend was asked ${hours} hours ago and its answer was never received; it remembers a request for 24 hours only. ` +
      `Look for the mail in Resend's list; if it is not there: select amocrm_requeue(${message.id})`,
  );
}

function waitOf(message: MailMessage, { verdict, fault }: MailFailed, random: Random): number {
  // While the account is blocked the breaker decides when sending goes on, not each message.
  if (verdict === "blocked" || fault.code === "slot_refused") return 0;
  if (fault.waitMs !== null) return clampWaitMs(fault.waitMs);
  return SERVER_FAULT_WAIT_MS * (1 + random()) + backoffMs(message.attemptCount, random);
}
