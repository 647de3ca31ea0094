import { z } from "zod";
import { parseJson } from "../../platform/json.ts";
import type { MailAnswer, MailFailed, MailFault, MailFaultCode } from "../verdict.ts";

/** What came back from Resend, before anybody has judged it. */
export type MailOutcome =
  | { kind: "answered"; httpStatus: number; body: string | null; retryAfterMs: number | null }
  | { kind: "failed"; reason: "timeout" | "connection_failed" | "connection_lost"; isSent: boolean }
  | { kind: "not_sent"; code: string; message: string };

const Accepted = z.looseObject({ id: z.string().min(1).max(200) });
const Refused = z.looseObject({ name: z.string(), message: z.string().catch("") });
/** An address that no service has anything against. */
const PLAINLY_GOOD = /^[a-z0-9][a-z0-9._%+-]*@(?:[a-z0-9-]+\.)+[a-z]{2,}$/i;

/** For each code a sentence that says what to do about it. */
const MESSAGES: Record<MailFaultCode, string> = {
  rate_limited: "Resend limits the request rate (429): waiting, then going on more slowly",
  slot_refused: "The pace gave no slot: nothing was sent",
  timeout: "Resend did not answer in time",
  connection_failed: "No connection to Resend could be made",
  connection_lost: "The connection to Resend was lost before the answer was complete",
  server_error: "Resend failed to handle the request",
  unexpected_answer: "Resend's answer has an unexpected shape",
  refusal_unreadable: "Resend refuses the request, and the reason did not arrive",
  mail_unauthorized: "Resend refuses RESEND_API_KEY: make a key with sending access and set it",
  mail_forbidden:
    "Resend does not send from this address (403): verify the domain of MAIL_FROM in Resend, or use one that is",
  mail_wrong_address: "RESEND_BASE_URL does not lead to Resend's API: check it, or leave it out",
  mail_quota_exceeded:
    "The quota of the Resend plan is used up (429): mails wait for the next day or month, or for a larger plan",
  mail_in_progress: "Resend is still at work on the first request for this mail (409)",
  mail_key_taken:
    "Resend knows this mail's key with another body (409): look for the mail in Resend's list before requeueing it",
  mail_sender_refused: "Resend refuses the sender: mend MAIL_FROM",
  mail_refused_unexplained:
    "Resend refuses a mail whose recipient is plainly good: check MAIL_FROM, MAIL_REPLY_TO and the plan",
  mail_refused: "Resend refuses what was sent: check the student's address and MAIL_FROM, then requeue",
};

/** Every code; each has a row in amocrm.error_policies. */
export const MAIL_FAULT_CODES = Object.keys(MESSAGES) as MailFaultCode[];

/** Turns what came of a request into a verdict, by the status and the error's name; its text may quote addresses. */
export function classify(outcome: MailOutcome, to: readonly string[]): MailAnswer {
  switch (outcome.kind) {
    case "not_sent":
      return failed("retry", "slot_refused", {
        causeCode: outcome.code,
        message: outcome.message,
        isSent: false,
      });
    case "failed":
      return outcome.isSent
        ? failed("uncertain", outcome.reason)
        : failed("retry", outcome.reason, { isSent: false });
    case "answered":
      return classifyAnswer(outcome, to);
  }
}

function classifyAnswer(
  answer: Extract<MailOutcome, { kind: "answered" }>,
  to: readonly string[],
): MailAnswer {
  const { httpStatus: status, retryAfterMs: waitMs } = answer;
  const json = parseJson(answer.body ?? "");
  if (status >= 200 && status < 300) {
    const accepted = Accepted.safeParse(json);
    if (answer.body === null) return failed("uncertain", "connection_lost");
    return accepted.success
      ? { verdict: "delivered", resendId: accepted.data.id }
      : failed("uncertain", "unexpected_answer");
  }
  const { name, message } = Refused.safeParse(json).data ?? { name: "", message: "" };
  if (status === 429) {
    return /quota/.test(name)
      ? failed("blocked", "mail_quota_exceeded", { waitMs })
      : failed("retry", "rate_limited", { waitMs });
  }
  if (status >= 500 || status === 408) return failed("uncertain", "server_error", { waitMs, status });
  if (status === 401 || (status === 403 && name === "invalid_api_key"))
    return failed("blocked", "mail_unauthorized");
  if (status === 403) return failed("blocked", "mail_forbidden");
  // 0 is how a browser-like fetch shows a redirect that it was told not to follow.
  if (status < 400 || status === 404 || status === 405)
    return failed("blocked", "mail_wrong_address", { status });
  if (status === 409) {
    return name === "concurrent_idempotent_requests"
      ? failed("uncertain", "mail_in_progress", { waitMs })
      : failed("rejected", "mail_key_taken");
  }
  // Cut off on the way, or a gateway's own page: what Resend holds against the mail is not known.
  if (name === "") return failed("retry", "refusal_unreadable", { status });
  if (name === "invalid_from_address" || /`from`/.test(message))
    return failed("blocked", "mail_sender_refused", { status, detail: name });
  // Sender, key and reply address are the same for all: where the recipient is not named and has nothing odd, no mail is to blame.
  const isRecipients = /`to`/.test(message) || !to.every((address) => PLAINLY_GOOD.test(address));
  return isRecipients
    ? failed("rejected", "mail_refused", { status, detail: name })
    : failed("blocked", "mail_refused_unexplained", { status, detail: name });
}

interface FaultFacts extends Partial<Pick<MailFault, "causeCode" | "message" | "waitMs" | "isSent">> {
  status?: number;
  /** Resend's name for the fault, one word of its documented list. */
  detail?: string;
}

function failed(verdict: MailFailed["verdict"], code: MailFaultCode, facts: FaultFacts = {}): MailFailed {
  const status = facts.status === undefined ? "" : ` (${facts.status})`;
  const detail = facts.detail === undefined ? "" : ` [${facts.detail.replace(/[^a-z_]/g, "").slice(0, 60)}]`;
  return {
    verdict,
    fault: {
      code,
      causeCode: facts.causeCode ?? null,
      message: facts.message ?? MESSAGES[code] + status + detail,
      waitMs: facts.waitMs ?? null,
      isSent: facts.isSent ?? true,
    },
  };
}
