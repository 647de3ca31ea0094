import type { Slots } from "../../outbox/slots.ts";
import type { Clock } from "../../platform/clock.ts";
import { networkFailure, oneShotBody, readBody } from "../../platform/http.ts";
import { storable } from "../../platform/storable.ts";
import type { MailBody, Mailer } from "../port.ts";
import { withAsciiDomains } from "./ascii-addresses.ts";
import { classify, type MailOutcome } from "./classify.ts";

/** Resend answers in well under a second; what takes longer is repeated under the same key. */
const TIMEOUT_MS = 10_000;
/** An answer is a few hundred bytes. */
const ANSWER_BYTES_MAX = 64 * 1024;
const USER_AGENT = "supabase-amocrm/0.1";

/** The part of fetch that we use. */
type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface ResendMailerParts {
  /** Without a slash at the end. */
  baseUrl: string;
  apiKey: string;
  fetch: Fetch;
  slots: Slots;
  clock: Clock;
}

/**
 * Mails by Resend's HTTP API, one POST each. Not by their package: it answers a refused connection, a lost one and a
 * server's fault with the same error, and which of them it was decides whether a mail is in doubt.
 */
export function createResendMailer(parts: ResendMailerParts): Mailer {
  return { send: async (body, key) => classify(await post(parts, body, key), body.to) };
}

async function post(parts: ResendMailerParts, body: MailBody, key: string): Promise<MailOutcome> {
  // Repeated by us, with a slot of the pace, and not by the runtime without one.
  const content = oneShotBody(JSON.stringify(storable(withAsciiDomains(body))));
  const slot = await parts.slots.take("send_mail");
  if (!slot.granted) return { kind: "not_sent", code: slot.code, message: slot.message };
  const timeout = new AbortController();
  const answered = new AbortController();
  void parts.clock.sleep(TIMEOUT_MS, answered.signal).then(() => {
    if (!answered.signal.aborted) timeout.abort();
  });
  try {
    const response = await parts.fetch(`${parts.baseUrl}/emails`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${parts.apiKey}`,
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "User-Agent": USER_AGENT,
      },
      body: content,
      // A redirect would show the key to another host.
      redirect: "manual",
      signal: timeout.signal,
    });
    const { text, fault } = await readBody(response, ANSWER_BYTES_MAX);
    return {
      kind: "answered",
      httpStatus: response.status,
      body: fault === null ? text : null,
      retryAfterMs: secondsToMs(response.headers.get("retry-after")),
    };
  } catch (error) {
    if (timeout.signal.aborted) return { kind: "failed", reason: "timeout", isSent: true };
    const { phase, reason } = networkFailure(error);
    return {
      kind: "failed",
      reason: reason === "timeout" ? "connection_lost" : reason,
      isSent: phase === "after",
    };
  } finally {
    answered.abort();
  }
}

function secondsToMs(header: string | null): number | null {
  const seconds = header === null || header.trim() === "" ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}
