import { z } from "zod";
import { receive, refuseDelivery, type Source } from "../outbox/inbox.ts";
import { parseJson } from "../platform/json.ts";
import type { Log } from "../platform/log.ts";
import { Id } from "./mobizon/classify.ts";
import { isSigned } from "./mobizon/sign.ts";
import type { SmsHints } from "./port.ts";

/** Mobizon's calls have some three hundred bytes. */
const BODY_MAX_BYTES = 64 * 1024;

export interface SmsWebhookPorts {
  /** MOBIZON_WEBHOOK_SECRET as it is set; undefined or empty if it is not. */
  secret: string | undefined;
  hints: SmsHints;
  log: Log;
}

type Recorded = "recorded" | "repeated" | "unknown";
interface Hint {
  eventId: string;
  mobizonId: string;
}

const Report = z.looseObject({
  eventId: Id,
  eventType: z.literal("sms-delivery-report"),
  data: z.looseObject({ messageId: Id }),
});
const Other = z.looseObject({ eventType: z.string() });

/**
 * One call of Mobizon's webhook. Its sign covers neither the message nor the status, so it is a hint: Mobizon is asked. Without a
 * secret there is no sign at all, and every call is refused.
 */
export async function answerSmsWebhook(request: Request, ports: SmsWebhookPorts): Promise<Response> {
  const secret = ports.secret?.trim() ?? "";
  if (secret === "" && request.method === "POST") {
    ports.log("error", "sms_webhook_unconfigured", { missing: ["MOBIZON_WEBHOOK_SECRET"] });
    return refuseDelivery(503, "unconfigured");
  }
  return await receive(request, mobizon(secret, ports));
}

function mobizon(secret: string, { hints, log }: SmsWebhookPorts): Source<unknown, Hint, Recorded> {
  return {
    name: "sms_webhook",
    bodyMaxBytes: BODY_MAX_BYTES,
    log,
    async verify({ text }) {
      const json = parseJson(text);
      if (await isSigned(json, secret)) return { ok: true, sender: json };
      log("warn", "sms_webhook_refused");
      return { ok: false, answer: refuseDelivery(401, "not_signed") };
    },
    read(_, json) {
      const report = Report.safeParse(json);
      if (report.success) {
        const { eventId, data } = report.data;
        return { keep: true, event: { eventId, mobizonId: data.messageId } };
      }
      const other = Other.safeParse(json);
      return other.success && other.data.eventType !== "sms-delivery-report"
        ? { keep: false, answer: Response.json({ outcome: "ignored" }) }
        : { keep: false, answer: refuseDelivery(400, "unexpected_shape") };
    },
    append: ({ eventId, mobizonId }) => hints.record(eventId, mobizonId),
    answer(outcome) {
      log("info", "sms_hint", { outcome });
      return Response.json({ outcome });
    },
  };
}
