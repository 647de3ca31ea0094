import { readBody } from "../platform/body.ts";
import type { Clock } from "../platform/clock.ts";
import { messageOf } from "../platform/error-message.ts";
import { parseJson } from "../platform/json.ts";
import type { Log } from "../platform/log.ts";
import { readEvent } from "./event.ts";
import type { MailEvents } from "./port.ts";
import { secretBytes, signedCall, verifySignature } from "./signature.ts";

/** Resend's calls have some two kilobytes. */
const BODY_MAX_BYTES = 64 * 1024;
/** A svix-id has some thirty characters. */
const LONGEST_ID = 200;

export interface WebhookPorts {
  /** RESEND_WEBHOOK_SECRET as it is set; undefined or empty if it is not. */
  secret: string | undefined;
  events: MailEvents;
  clock: Clock;
  log: Log;
}

/**
 * One call of Resend's webhook. Nothing is believed before the signature is checked over the very bytes. Resend repeats
 * what is not answered with 2xx, so what we do not know is answered politely, and only what could not be kept is not.
 */
export async function answerWebhook(request: Request, ports: WebhookPorts): Promise<Response> {
  const { log } = ports;
  if (request.method !== "POST") return refuse(405, "method_not_allowed", { allow: "POST" });
  const secret = secretBytes(ports.secret?.trim() ?? "");
  if (secret === null) {
    log("error", "mail_webhook_unconfigured", { missing: ["RESEND_WEBHOOK_SECRET"] });
    return refuse(503, "unconfigured");
  }
  const body = await readBody(request, BODY_MAX_BYTES);
  if (body === null) return refuse(413, "body_too_large");
  const call = signedCall(request.headers, body);
  const verification = await verifySignature(call, secret, ports.clock.nowMs());
  if (verification !== "valid" || call.id === null || call.id.length > LONGEST_ID) {
    log("warn", "mail_webhook_refused", { reason: verification });
    return refuse(401, verification);
  }
  const event = readEvent(call.id, parseJson(body));
  if (event === null) {
    log("warn", "mail_webhook_unreadable");
    return refuse(400, "unexpected_shape");
  }
  if (event === "other") return Response.json({ outcome: "ignored" });
  try {
    const outcome = await ports.events.record(event);
    log("info", "mail_event", { type: event.type, outcome, message_id: event.messageId });
    return Response.json({ outcome });
  } catch (error) {
    log("error", "mail_event_failed", { message: messageOf(error) });
    return refuse(503, "not_recorded");
  }
}

function refuse(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ code }, { status, headers });
}
