import { receive, refuseDelivery, type Source } from "../outbox/inbox.ts";
import type { Bytes } from "../platform/body.ts";
import type { Clock } from "../platform/clock.ts";
import { parseJson } from "../platform/json.ts";
import type { Log } from "../platform/log.ts";
import type { MailEvent, MailEvents } from "./port.ts";
import { readEvent } from "./resend/event.ts";
import { secretBytes, signedCall, verifySignature } from "./resend/signature.ts";

/** Resend's calls have some two kilobytes. */
const BODY_MAX_BYTES = 64 * 1024;
/** A svix-id has some thirty characters. */
const MAX_ID = 200;

export interface WebhookPorts {
  /** RESEND_WEBHOOK_SECRET as it is set; undefined or empty if it is not. */
  secret: string | undefined;
  events: MailEvents;
  clock: Clock;
  log: Log;
}

/** What the database says of an event that is not refused. */
type Recorded = "recorded" | "repeated" | "unknown";

/**
 * One call of Resend's webhook. Nothing is believed before the signature is checked over the very bytes. Resend repeats
 * what is not answered with 2xx, so what we do not know is answered politely, and only what could not be kept is not.
 */
export async function answerWebhook(request: Request, ports: WebhookPorts): Promise<Response> {
  const secret = secretBytes(ports.secret?.trim() ?? "");
  if (secret === null && request.method === "POST") {
    ports.log("error", "mail_webhook_unconfigured", { missing: ["RESEND_WEBHOOK_SECRET"] });
    return refuseDelivery(503, "unconfigured");
  }
  return await receive(request, resend(secret ?? Uint8Array.from([]), ports));
}

/** The sender is the id of the call, which is the same when the call is repeated. */
function resend(secret: Bytes, { events, clock, log }: WebhookPorts): Source<string, MailEvent, Recorded> {
  return {
    name: "mail_webhook",
    bodyMaxBytes: BODY_MAX_BYTES,
    log,
    async verify({ request, bytes }) {
      const call = signedCall(request.headers, new TextDecoder().decode(bytes));
      const verification = await verifySignature(call, secret, clock.nowMs());
      if (verification === "valid" && call.id !== null && call.id.length <= MAX_ID) {
        return { ok: true, sender: call.id };
      }
      log("warn", "mail_webhook_refused", { reason: verification });
      return { ok: false, answer: refuseDelivery(401, verification) };
    },
    read({ text }, id) {
      const event = readEvent(id, parseJson(text));
      if (event === "other") return { keep: false, answer: Response.json({ outcome: "ignored" }) };
      if (event !== null) return { keep: true, event };
      log("warn", "mail_webhook_unreadable");
      return { keep: false, answer: refuseDelivery(400, "unexpected_shape") };
    },
    append: (event) => events.record(event),
    answer(outcome, event) {
      log("info", "mail_event", { type: event.type, outcome, message_id: event.messageId });
      return Response.json({ outcome });
    },
  };
}
