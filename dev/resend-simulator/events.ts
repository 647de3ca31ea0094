import { createHmac, randomUUID } from "node:crypto";
import type { SimulatedMail } from "./simulator.ts";

/** A webhook call, ready to be posted. */
export interface WebhookCall {
  headers: Record<string, string>;
  body: string;
}

export interface EventOptions {
  /** Repeated calls have the same. */
  id?: string;
  atMs: number;
  /** More of the event's `data`. */
  data?: object;
}

/** A webhook call about a mail, signed with the secret (`whsec_…`). */
export function webhookCall(
  secret: string,
  type: string,
  mail: SimulatedMail,
  { id = `msg_${randomUUID()}`, atMs, data = {} }: EventOptions,
): WebhookCall {
  const at = new Date(atMs).toISOString();
  const { from, to, subject, tags = [] } = mail.body;
  const body = JSON.stringify({
    type,
    created_at: at,
    data: {
      email_id: mail.id,
      created_at: new Date(mail.acceptedAtMs).toISOString(),
      from,
      to: [to].flat(),
      subject,
      tags: Object.fromEntries(tags.map(({ name, value }) => [name, value])),
      ...data,
    },
  });
  const timestamp = String(Math.floor(atMs / 1000));
  return {
    headers: {
      "content-type": "application/json",
      "svix-id": id,
      "svix-timestamp": timestamp,
      "svix-signature": `v1,${sign(secret, `${id}.${timestamp}.${body}`)}`,
    },
    body,
  };
}

/** The base64 signature of a text. */
export function sign(secret: string, content: string): string {
  return createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
    .update(content)
    .digest("base64");
}

/** What happens to a mail, by the local part of its address, as with Resend's own test addresses. */
export function fateOf(mail: SimulatedMail): { type: string; data?: object }[] {
  const [address = ""] = [mail.body.to].flat();
  const sent = { type: "email.sent" };
  if (address.startsWith("bounced@")) {
    // The sentence quotes the address, as Resend's do: it must not get into a log.
    const message = `The recipient's mail server rejected ${address}`;
    return [
      sent,
      { type: "email.bounced", data: { bounce: { type: "Permanent", subType: "General", message } } },
    ];
  }
  const delivered = { type: "email.delivered" };
  if (address.startsWith("complained@")) return [sent, delivered, { type: "email.complained" }];
  return [sent, delivered];
}
