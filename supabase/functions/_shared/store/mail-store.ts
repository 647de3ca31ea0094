import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import { MailMessage, MailSettings } from "../mail/message.ts";
import type { MailEvents, MailQueue, MailSettlement, Recovery, WelcomeLinks } from "../mail/port.ts";
import type { Rpc } from "./rpc.ts";

const Start = z.enum(["granted", "busy", "paused", "breaker_open"]);
const Claim = z.object({ settings: MailSettings, messages: z.array(MailMessage) });
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
      tags: z.array(z.object({ name: z.string(), value: z.string() })),
    }),
    linkToken: z.string().nullable(),
  })
  .nullable();
const Recorded = z.enum(["recorded", "repeated", "unknown"]);
const Press = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("granted"), email: z.string() }),
  z.object({ outcome: z.enum(["unknown", "expired", "password_set", "too_many"]) }),
]);

/** The queue of mails over its SQL functions; see the migration `mail_drain`. */
export function createMailQueue(rpc: Rpc): MailQueue {
  return {
    async begin(token) {
      return Start.parse(await rpc("message_drain_begin", { p_token: token }));
    },
    async claim(token, limit) {
      return Claim.parse(await rpc("message_drain_claim", { p_token: token, p_limit: limit }));
    },
    async intend(token, id, body) {
      return Intent.parse(await rpc("message_drain_intend", { p_token: token, p_id: id, p_body: body }));
    },
    async settle(token, settlements) {
      const ids = await rpc("message_drain_settle", {
        p_token: token,
        p_results: settlements.map(settlementRow),
      });
      return new Set(z.array(z.int()).parse(ids));
    },
    async extend(token) {
      await rpc("message_drain_extend", { p_token: token });
    },
    async end(token) {
      return z.boolean().parse(await rpc("message_drain_end", { p_token: token }));
    },
    async lookAgain() {
      return z.boolean().parse(await rpc("message_drain_look_again"));
    },
  };
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

/** The links of welcome mails, by the hash of their tokens. */
export function createWelcomeLinks(rpc: Rpc): WelcomeLinks {
  return { press: async (token) => Press.parse(await rpc("message_press_link", { p_token: token })) };
}

/** Recovery links of the project's auth service, asked for with the secret key. */
export function createRecovery(client: SupabaseClient): Recovery {
  return {
    async linkFor(email, redirectTo) {
      const { data, error } = await client.auth.admin.generateLink({
        type: "recovery",
        email,
        options: { redirectTo },
      });
      // The error's own text may quote the address.
      if (error !== null)
        throw new Error(`The auth service gave no recovery link: ${error.code ?? error.status}`);
      return data.properties.action_link;
    },
  };
}

function settlementRow(settlement: MailSettlement): Record<string, unknown> {
  return {
    id: settlement.id,
    verdict: settlement.verdict,
    policy: settlement.policy,
    is_sent: settlement.isSent,
    told_wait_ms: settlement.toldWaitMs === null ? null : Math.round(settlement.toldWaitMs),
    jitter: settlement.jitter,
    code: settlement.code,
    message: settlement.message,
    resend_id: settlement.resendId,
  };
}
