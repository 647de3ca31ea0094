import { z } from "zod";
import { readClaimed } from "../outbox/claimed.ts";
import { messageEndRow } from "../outbox/message-end-row.ts";
import { failingAsStore } from "../outbox/store-failures.ts";
import type { Rpc } from "../platform/rpc.ts";
import { MailMessage, MailSettings } from "./message.ts";
import type { MailEvents, MailQueue } from "./port.ts";

const Claim = z.object({
  settings: MailSettings,
  troubles: z.array(z.string()),
  messages: z.array(z.unknown()),
});
const Intent = z
  .object({
    key: z.string(),
    body: z.object({
      from: z.string(),
      to: z.array(z.string()),
      subject: z.string(),
      html: z.string(),
      text: z.string(),
      reply_to: z.string().exactOptional(),
      headers: z.record(z.string(), z.string()).exactOptional(),
      tags: z.array(z.object({ name: z.string(), value: z.string() })),
    }),
    linkToken: z.string().nullable(),
  })
  .nullable();
const Recorded = z.enum(["recorded", "repeated", "unknown"]);
/** The queue of mails over its SQL functions; see the migration `mail_drain`. */
export function createMailQueue(rpc: Rpc): MailQueue {
  return failingAsStore<MailQueue>({
    async claim(token, limit) {
      const claim = Claim.parse(await rpc("message_drain_claim", { p_token: token, p_limit: limit }));
      return { ...claim, ...readClaimed(claim.messages, MailMessage) };
    },
    async intend(token, id, body) {
      return Intent.parse(await rpc("message_drain_intend", { p_token: token, p_id: id, p_body: body }));
    },
    async settle(token, settlements) {
      const ids = await rpc("message_drain_settle", {
        p_token: token,
        p_results: settlements.map((settlement) => ({
          ...messageEndRow(settlement),
          resend_id: settlement.resendId,
        })),
      });
      return new Set(z.array(z.int()).parse(ids));
    },
  });
}

/** Webhook calls, each once. */
export function createMailEvents(rpc: Rpc): MailEvents {
  return {
    async record(event) {
      return Recorded.parse(
        await rpc("message_record_event", {
          p_event: {
            event_id: event.eventId,
            type: event.type,
            outcome: event.outcome,
            resend_id: event.resendId,
            message_id: event.messageId,
            subject_id: event.subjectId,
            happened_at: event.happenedAt,
            is_permanent: event.isPermanent,
            reason: event.reason,
          },
        }),
      );
    },
  };
}
