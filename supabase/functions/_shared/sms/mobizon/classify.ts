import { z } from "zod";
import type { AnsweredOutcome, FailedOutcome } from "../../platform/http.ts";
import { parseJson } from "../../platform/json.ts";
import type { SmsFailed, SmsFault, SmsFaultCode } from "../verdict.ts";

/** What came of one request, as the transport saw it. */
export type SmsOutcome =
  | { kind: "not_sent"; code: string; message: string }
  | Pick<FailedOutcome, "kind" | "reason" | "phase">
  | Pick<AnsweredOutcome, "kind" | "httpStatus" | "body" | "bodyFault">;

/** Mobizon took the request: what it answers, or the number of the task that it made of it. */
export type Taken = { taken: "done"; data: unknown } | { taken: "task"; taskId: string };

/** Mobizon sends numbers as text. */
export const Id = z.union([z.string().regex(/^\d{1,30}$/), z.int().nonnegative()]).transform(String);
const Envelope = z.looseObject({
  code: z.union([z.int(), z.string().regex(/^\d{1,6}$/)]).transform(Number),
  data: z.unknown(),
});

const MESSAGES: Record<SmsFaultCode, string> = {
  rate_limited: "Mobizon limits the request rate: waiting, then going on more slowly",
  slot_refused: "The pace gave no slot: nothing was sent",
  timeout: "Mobizon did not answer in time",
  connection_failed: "No connection to Mobizon could be made",
  connection_lost: "The connection to Mobizon was lost before the answer was complete",
  server_error: "Mobizon failed to handle the request",
  unexpected_answer: "Mobizon's answer has an unexpected shape",
  sms_unauthorized: "Mobizon refuses MOBIZON_API_KEY, or the account is blocked",
  sms_wrong_address: "The address is not of the Mobizon that has this account: check MOBIZON_BASE_URL",
  sms_sender_refused: "Mobizon refuses the sender's name: mend message_settings.sms_sender",
  sms_no_money: "The balance at Mobizon is used up",
  sms_refused: "Mobizon refuses what was sent: check the number and the text, then requeue",
};

/** Every code; each has a row in amocrm.error_policies. */
export const SMS_FAULT_CODES = Object.keys(MESSAGES) as SmsFaultCode[];

/**
 * Judges by the envelope's code, and by the status only where there is none. What is not certainly a refusal is uncertain:
 * a second request would be a second SMS.
 */
export function classify(outcome: SmsOutcome): Taken | SmsFailed {
  switch (outcome.kind) {
    case "not_sent":
      return failed("retry", "slot_refused", {
        causeCode: outcome.code,
        message: outcome.message,
        isSent: false,
      });
    case "failed":
      return outcome.phase === "before"
        ? failed("retry", outcome.reason, { isSent: false })
        : failed("uncertain", outcome.reason);
    case "answered": {
      if (outcome.bodyFault !== null)
        return failed("uncertain", outcome.bodyFault === "timeout" ? "timeout" : "connection_lost");
      const envelope = Envelope.safeParse(parseJson(outcome.body));
      return envelope.success ? byCode(envelope.data, outcome.httpStatus) : byStatus(outcome.httpStatus);
    }
  }
}

function byCode({ code, data }: z.infer<typeof Envelope>, status: number): Taken | SmsFailed {
  switch (code) {
    case 0:
      return status >= 200 && status < 300
        ? { taken: "done", data }
        : failed("uncertain", "unexpected_answer", { detail: `code 0, status ${status}` });
    case 100: {
      const taskId = Id.safeParse(data);
      return taskId.success
        ? { taken: "task", taskId: taskId.data }
        : failed("uncertain", "unexpected_answer", { detail: "code 100" });
    }
    case 1:
    case 12: {
      const fields = fieldsOf(data);
      return fields.some((field) => /^(?:from|alphaname)$/i.test(field))
        ? failed("blocked", "sms_sender_refused", { detail: `code ${code}` })
        : failed("rejected", "sms_refused", { detail: [`code ${code}`, ...fields].join(", ") });
    }
    case 2:
    case 11:
    case 99:
      return failed("rejected", "sms_refused", { detail: `code ${code}` });
    case 4:
    case 5:
    case 6:
    case 13:
      return failed("blocked", "sms_wrong_address", { detail: `code ${code}` });
    case 8:
    case 9:
    case 14:
      return failed("blocked", "sms_unauthorized", { detail: `code ${code}` });
    case 30:
      return failed("retry", "rate_limited");
    default:
      // 3, 10, 15, 98, 999 and what is new.
      return failed("uncertain", "server_error", { detail: `code ${code}` });
  }
}

/** No envelope: a gateway's own page, or something that is not Mobizon. */
function byStatus(status: number): SmsFailed {
  if (status === 429) return failed("retry", "rate_limited");
  if (status === 401 || status === 403)
    return failed("blocked", "sms_unauthorized", { detail: String(status) });
  // 0 is how a browser-like fetch shows a redirect that it was told not to follow.
  if (status === 404 || status === 405 || status === 0 || (status >= 300 && status < 400))
    return failed("blocked", "sms_wrong_address", { detail: String(status) });
  return failed("uncertain", status >= 500 ? "server_error" : "unexpected_answer", {
    detail: String(status),
  });
}

/** The names of the fields that are held against a request: words of Mobizon's documentation, and none of its sentences. */
function fieldsOf(data: unknown): string[] {
  const fields = z.record(z.string(), z.unknown()).safeParse(data);
  return Object.keys(fields.data ?? {})
    .filter((name) => /^[\w[\]]{1,40}$/.test(name))
    .slice(0, 5);
}

/** An answer whose envelope is good and whose data is none that we know. */
export const unexpected = (): SmsFailed => failed("uncertain", "unexpected_answer");

/** There is no money, so that nothing is sent that would be refused for it. */
export const noMoney = (): SmsFailed => failed("blocked", "sms_no_money", { isSent: false });

interface FaultFacts extends Partial<Pick<SmsFault, "causeCode" | "message" | "isSent">> {
  detail?: string;
}

function failed(verdict: SmsFailed["verdict"], code: SmsFaultCode, facts: FaultFacts = {}): SmsFailed {
  return {
    verdict,
    fault: {
      code,
      causeCode: facts.causeCode ?? null,
      message: facts.message ?? MESSAGES[code] + (facts.detail === undefined ? "" : ` (${facts.detail})`),
      waitMs: null,
      isSent: facts.isSent ?? true,
    },
  };
}
